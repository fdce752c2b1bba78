import { createHash } from 'node:crypto';
import type { BundledPackage } from './bundled-packages.ts';

/** What a bill of materials is of. */
export interface BilledFunction {
  readonly name: string;
  readonly version: string;
  /** The bytes of the bundle. */
  readonly bundle: Uint8Array;
}

/**
 * A software bill of materials in CycloneDX 1.6, as JSON. It holds no time, and its serial number comes from the
 * bundle, so that the same bundle always has the same one.
 */
export function billOfMaterials(
  { name, version, bundle }: BilledFunction,
  packages: readonly BundledPackage[],
): string {
  const sha256 = createHash('sha256').update(bundle).digest('hex');
  const references = new Map(packages.map((each) => [each.name, purl(each)]));
  const self = `${name}@${version}`;
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(sha256)}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': self,
        name,
        version,
        hashes: [{ alg: 'SHA-256', content: sha256 }],
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: packages.map((each) => {
      const { group, plain } = parts(each.name);
      return {
        type: 'library',
        'bom-ref': purl(each),
        ...(group === undefined ? {} : { group }),
        name: plain,
        version: each.version,
        licenses: [licence(each.license)],
        purl: purl(each),
      };
    }),
    dependencies: [
      { ref: self, dependsOn: packages.filter(({ own }) => own).map(purl) },
      ...packages.map((each) => ({
        ref: purl(each),
        dependsOn: each.dependencies.flatMap((dependency) => references.get(dependency) ?? []),
      })),
    ],
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

function purl({ name, version }: BundledPackage): string {
  const { group, plain } = parts(name);
  return `pkg:npm/${group === undefined ? '' : `${encodeURIComponent(group)}/`}${plain}@${version}`;
}

function parts(name: string): { group: string | undefined; plain: string } {
  const [first = '', second] = name.split('/');
  return second === undefined ? { group: undefined, plain: first } : { group: first, plain: second };
}

function licence(spdx: string): object {
  return / (?:OR|AND|WITH) /.test(spdx) ? { expression: spdx } : { license: { id: spdx } };
}

/** A UUID of version 8, whose bits are one's own: here those of a hash. */
function uuidOf(hex: string): string {
  const [a, b, c, d, e] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20), hex.slice(20, 32)];
  return `${a}-${b}-8${c}-8${d}-${e}`;
}
