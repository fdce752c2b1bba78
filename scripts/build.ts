import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackage, publishedPackages } from './build-package.ts';
import { packFunction } from './pack/pack-function.ts';
import { templateNames } from './templates.ts';

const usage = `Builds what is published and what is deployed.

  npm run build                    every package's dist/, and every template's dist/index.mjs and function.zip
  npm run build -- TEMPLATE ...    the bundles of these templates only
  npm run build -- --json          the bundles built, as JSON
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } },
});
const cdkDist = join(import.meta.dirname, '..', 'cdk', 'dist');
const templates = await templateNames();
const unknown = positionals.filter((name) => !templates.includes(name));
if (values.help) {
  process.stdout.write(usage);
} else if (unknown.length > 0) {
  process.stderr.write(`No such template: ${unknown.join(', ')}. There are:\n  ${templates.join('\n  ')}\n`);
  process.exitCode = 2;
} else {
  if (positionals.length === 0) {
    for (const each of await publishedPackages()) {
      await buildPackage(each);
      if (!values.json) process.stdout.write(`${each.name}\n`);
    }
  }
  const built: { template: string; file: string; bytes: number; zip: string; zipBytes: number; sha256: string }[] = [];
  for (const template of positionals.length > 0 ? positionals : templates) {
    const { bundle: file, bundleBytes: bytes, zip, zipBytes, sha256 } = await packFunction(template);
    built.push({ template, file, bytes, zip, zipBytes, sha256 });
    // What is published of the construct library holds them all.
    if (positionals.length === 0 && existsSync(cdkDist)) {
      await cp(zip, join(cdkDist, 'bundles', `${template}.zip`));
    }
    const [kB, zippedKB] = [bytes, zipBytes].map((size) => Math.round(size / 1000));
    if (!values.json) process.stdout.write(`${template}: ${kB} kB, zipped ${zippedKB} kB, ${sha256}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(built)}\n`);
}
