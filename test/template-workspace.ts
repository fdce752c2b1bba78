import { execFile } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import type { PackedFunction } from '../scripts/pack/pack-function.ts';

const root = join(import.meta.dirname, '..');

/** Another checkout, at another path, with copies of what the bundles of these templates are made of, and of the scripts. */
export async function otherWorkspace(packed: readonly PackedFunction[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-test-other-place-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = new Set<string>(['LICENSE', 'package.json', 'packages/cli/src/init/replaced-parts.mjs']);
  const modules = new Set<string>();
  for (const { template, made } of packed) {
    files.add(`templates/${template}/package.json`);
    for (const file of made.read) {
      const path = relative(root, file);
      const [module] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
      if (module === undefined) files.add(path);
      else modules.add(module);
    }
  }
  // Packages of others as a whole: which of their files are there decides what a name leads to.
  for (const module of modules) {
    const nested = join(root, module, 'node_modules');
    await cp(join(root, module), join(folder, module), { recursive: true, filter: (source) => source !== nested });
  }
  for await (const file of glob('scripts/**/*.ts', { cwd: root })) files.add(file);
  for await (const file of glob('packages/{*,*/*}/package.json', { cwd: root, exclude: ['**/node_modules'] }))
    files.add(file);
  for (const file of [...files]) {
    for (let above = dirname(file); above !== '.'; above = dirname(above)) files.add(join(above, 'package.json'));
  }
  for (const file of files) {
    await cp(join(root, file), join(folder, file)).catch((error: { code?: string }) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await linkPackages(folder);
  return folder;
}

/** Builds templates there, as `npm run build` does. @returns what it says of each, parsed */
export async function buildThere(
  folder: string,
  templates: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ template: string; file: string; zip: string; sha256: string }[]> {
  const script = ['-C', 'keyturn-source', join(folder, 'scripts/build.ts'), '--json', ...templates];
  const options = { cwd: folder, env: { ...process.env, ...environment }, timeout: 120_000 };
  const { stdout } = await promisify(execFile)(process.execPath, script, options);
  return JSON.parse(stdout);
}

/** Its own packages as npm links them, and the tools of the build, which are no part of a bundle. */
async function linkPackages(folder: string): Promise<void> {
  await mkdir(join(folder, 'node_modules/@keyturn'), { recursive: true });
  for await (const link of glob('node_modules/@keyturn/*', { cwd: root })) {
    await symlink(await readlink(join(root, link)), join(folder, link)).catch((error: { code?: string }) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const tool of ['esbuild', 'fflate', 'yaml']) {
    const link = join(folder, 'node_modules', tool);
    await rm(link, { recursive: true, force: true });
    await symlink(join(root, 'node_modules', tool), link);
  }
}
