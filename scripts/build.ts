import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleTemplate } from './bundle-template.ts';
import { templateNames, templatesFolder } from './templates.ts';

const usage = `Builds the deployable bundles: templates/<Name>/dist/index.mjs.

  npm run build                    every template
  npm run build -- NAME ...        these templates
  npm run build -- --json          what was built, as JSON
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } },
});
if (values.help) {
  process.stdout.write(usage);
} else {
  const all = await templateNames();
  const unknown = positionals.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`No such template: ${unknown.join(', ')}. There are: ${all.join(', ')}\n`);
    process.exit(2);
  }
  const built = [];
  for (const name of positionals.length > 0 ? positionals : all) {
    const file = await bundleTemplate(name);
    built.push({ template: name, file, bytes: (await stat(join(templatesFolder, name, 'dist', 'index.mjs'))).size });
  }
  if (values.json) process.stdout.write(`${JSON.stringify(built)}\n`);
  else for (const { template, bytes } of built) process.stdout.write(`${template}: ${Math.round(bytes / 1000)} kB\n`);
}
