import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ServiceModule } from '@keyturn/engine-conformance';

const root = join(import.meta.dirname, '..', '..');

/** An engine that has the suite, and its service. */
export interface EngineFolder {
  readonly name: string;
  /** From the root of the workspace. */
  readonly path: string;
  readonly service: ServiceModule;
}

/** Every folder of packages/engines with a conformance test and a service: there is no list to keep. */
export async function engineFolders(): Promise<readonly EngineFolder[]> {
  const found: EngineFolder[] = [];
  for await (const file of glob('packages/engines/*/conformance.test.ts', { cwd: root })) {
    const path = dirname(file);
    const service = join(root, path, 'service/index.ts');
    if (!existsSync(service)) continue;
    found.push({ name: basename(path), path, service: await import(pathToFileURL(service).href) });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
