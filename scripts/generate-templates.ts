import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cdkFiles, cdkSources, staleCdkFiles } from './pack/cdk-files.ts';
import { findTemplates } from './pack/find-templates.ts';
import { staleFiles, templateFiles } from './pack/template-files.ts';
import { templatesFolder } from './templates.ts';

const usage = `Writes handler.ts, template.yaml, README.md and package.json of every template, and what the construct library knows of them,
from what engines, services and strategies say of themselves.

  npm run templates                writes what differs
  npm run templates -- --check     writes nothing; exit code 1 if something differs
`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, check: { type: 'boolean' } } });
if (values.help) {
  process.stdout.write(usage);
} else {
  const templates = await findTemplates();
  for (const template of templates) {
    const stale = await staleFiles(template);
    if (stale.length === 0) continue;
    process.stdout.write(`${stale.join('\n')}\n`);
    if (values.check) {
      process.exitCode = 1;
      continue;
    }
    await mkdir(join(templatesFolder, template.name), { recursive: true });
    for (const [name, text] of await templateFiles(template)) {
      await writeFile(join(templatesFolder, template.name, name), text);
    }
  }
  const stale = await staleCdkFiles(templates);
  if (stale.length > 0) {
    process.stdout.write(`${stale.map((name) => `cdk/src/${name}`).join('\n')}\n`);
    if (values.check) process.exitCode = 1;
    else for (const [name, text] of await cdkFiles(templates)) await writeFile(join(cdkSources, name), text);
  }
}
