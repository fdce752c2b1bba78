import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { templatesFolder } from '../templates.ts';
import { handlerFile } from './handler-file.ts';
import { packageFile } from './package-file.ts';
import { readmeFile } from './readme-file.ts';
import { samTemplate } from './sam-template.ts';
import type { Template } from './template-facts.ts';
import { templateYaml } from './yaml.ts';

/** The files of a template that are generated, by their names. */
export async function templateFiles(template: Template): Promise<ReadonlyMap<string, string>> {
  const { version } = JSON.parse(await readFile(join(templatesFolder, '..', 'packages/core/package.json'), 'utf8'));
  const comment = `Generated from templates.ts of ${template.service.folder} and scripts/pack/ by npm run templates.`;
  return new Map([
    ...(template.handlerByHand ? [] : [['handler.ts', handlerFile(template)] as const]),
    ['template.yaml', templateYaml(samTemplate(template, version), comment)],
    ['README.md', readmeFile(template)],
    ['package.json', packageFile(template, version)],
  ]);
}

/**
 * The names of the generated files of a template that differ from what is in its folder, or are not there.
 * @param folder of the template
 */
export async function staleFiles(
  template: Template,
  folder: string = join(templatesFolder, template.name),
): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, text] of await templateFiles(template)) {
    const present = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (present !== text) stale.push(`${template.name}/${name}`);
  }
  return stale;
}
