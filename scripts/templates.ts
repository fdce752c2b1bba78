import { glob } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The folder of the deployable templates. */
export const templatesFolder: string = join(import.meta.dirname, '..', 'templates');

/** Every folder of templates/ that holds a handler: there is no list to keep. */
export async function templateNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const file of glob('*/handler.ts', { cwd: templatesFolder })) names.push(dirname(file));
  return names.sort();
}
