import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rotationTemplate } from './rotation-template.ts';
import type { ServiceTemplates, Template } from './template-facts.ts';

const root = join(import.meta.dirname, '..', '..');

/** Every template that an engine or a service tells of in its `templates.ts`, and the one for a service of one's own, by name. */
export async function findTemplates(): Promise<Template[]> {
  const found: Template[] = rotationTemplate.templates.map((facts) => ({ ...facts, service: rotationTemplate }));
  for await (const file of glob('packages/{engines,services}/*/templates.ts', { cwd: root })) {
    const { templates: service }: { templates: ServiceTemplates } = await import(pathToFileURL(join(root, file)).href);
    for (const facts of service.templates) found.push({ ...facts, service });
  }
  const names = found.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`two services tell of a template ${twice}`);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
