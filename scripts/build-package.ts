import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/** A package that is published: its folder and what it depends on. */
export interface Package {
  readonly name: string;
  readonly folder: string;
  readonly dependencies: readonly string[];
}

/** Every package with a `src/` that is not private, each after those it depends on. */
export async function publishedPackages(): Promise<Package[]> {
  const found: Package[] = [];
  const manifests = ['packages/{*,*/*}/package.json', 'cdk/package.json'];
  for await (const file of glob(manifests, { cwd: root, exclude: ['**/node_modules/**'] })) {
    const manifest = JSON.parse(await readFile(join(root, file), 'utf8'));
    if (manifest.private) continue;
    const folder = join(root, file, '..');
    found.push({ name: manifest.name, folder, dependencies: Object.keys(manifest.dependencies ?? {}) });
  }
  const names = new Set(found.map(({ name }) => name));
  const ordered: Package[] = [];
  const place = (candidate: Package): void => {
    if (ordered.includes(candidate)) return;
    for (const name of candidate.dependencies) {
      const needed = names.has(name) ? found.find((other) => other.name === name) : undefined;
      if (needed !== undefined) place(needed);
    }
    ordered.push(candidate);
  };
  for (const candidate of found.sort((a, b) => a.name.localeCompare(b.name))) place(candidate);
  return ordered;
}

/** Compiles a package's `src/` into `dist/`: JavaScript, declarations, and its other files as they are. */
export async function buildPackage({ folder, name }: Package): Promise<void> {
  const dist = join(folder, 'dist');
  await rm(dist, { recursive: true, force: true });
  const config = join(root, 'node_modules', '.cache', 'keyturn', 'build', `${name.replaceAll('/', '-')}.json`);
  await mkdir(join(config, '..'), { recursive: true });
  await writeFile(
    config,
    JSON.stringify({
      extends: [folder, root].map((place) => join(place, 'tsconfig.json')).find((file) => existsSync(file)),
      compilerOptions: {
        noEmit: false,
        outDir: dist,
        rootDir: join(folder, 'src'),
        // As a user of the package sees its neighbours: built.
        customConditions: [],
      },
      include: [join(folder, 'src')],
      exclude: [join(folder, 'src/**/*.test.ts'), join(folder, 'src/**/*.fixture.ts')],
    }),
  );
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  await promisify(execFile)(tsc, ['-p', config]).catch((error: { stdout?: string }) => {
    throw new Error(`${name} does not compile:\n${error.stdout ?? String(error)}`);
  });
  for await (const file of glob('**/*.{mjs,cjs,json,css,html,svg}', { cwd: join(folder, 'src') })) {
    await cp(join(folder, 'src', file), join(dist, file));
  }
  // A part that is built in another way, such as a web page, brings its own `build(dist)`.
  for await (const file of glob('*/build.ts', { cwd: folder })) {
    await (await import(pathToFileURL(join(folder, file)).href)).build(dist);
  }
}
