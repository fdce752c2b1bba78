import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, bundleWithSources } from '../bundle-template.ts';
import { templatesFolder } from '../templates.ts';
import { writeWhole } from '../write-whole.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { type BundledPackage, bundledPackages } from './bundled-packages.ts';
import { functionZip } from './function-zip.ts';
import { licenceNotices } from './licence-notices.ts';

/** A template's function, ready to be uploaded. */
export interface PackedFunction {
  readonly template: string;
  /** The paths of what was written. */
  readonly bundle: string;
  readonly zip: string;
  readonly notices: string;
  readonly billOfMaterials: string;
  /** Of the zip, in hex. */
  readonly sha256: string;
  readonly bundleBytes: number;
  readonly zipBytes: number;
  /** What the bundle is made of. */
  readonly made: Bundle;
  readonly packages: readonly BundledPackage[];
}

/**
 * Writes into a template's `dist/`: `index.mjs`, `function.zip` with it and the licence notices, and beside them
 * `THIRD-PARTY-LICENSES.txt` and `sbom.cdx.json`. The same sources give the same bytes.
 * @param dist another folder than the template's `dist/`
 */
export async function packFunction(
  template: string,
  dist: string = join(templatesFolder, template, 'dist'),
): Promise<PackedFunction> {
  const made = await bundleWithSources(template, dist);
  const { file } = made;
  const packages = await bundledPackages(made.sources);
  const [bundle, manifest, licence] = await Promise.all([
    readFile(file),
    readFile(join(templatesFolder, template, 'package.json'), 'utf8'),
    readFile(join(templatesFolder, '..', 'LICENSE'), 'utf8'),
  ]);
  const { version } = JSON.parse(manifest);
  const notices = licenceNotices(packages, licence);
  const zip = functionZip({ 'index.mjs': bundle, 'THIRD-PARTY-LICENSES.txt': Buffer.from(notices) });
  const written = {
    notices: join(dist, 'THIRD-PARTY-LICENSES.txt'),
    billOfMaterials: join(dist, 'sbom.cdx.json'),
    zip: join(dist, 'function.zip'),
  };
  await Promise.all([
    writeWhole(written.notices, notices),
    writeWhole(written.billOfMaterials, billOfMaterials({ name: template, version, bundle }, packages)),
    writeWhole(written.zip, zip),
  ]);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  return {
    template,
    bundle: file,
    ...written,
    sha256,
    bundleBytes: bundle.length,
    zipBytes: zip.length,
    made,
    packages,
  };
}
