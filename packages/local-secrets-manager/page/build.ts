import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = import.meta.dirname;

/** The front end, ready to be served: each file's content by its name. */
export async function bundlePage(): Promise<Map<string, Uint8Array>> {
  // Only who works in the source tree has it.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'app.ts'), join(folder, 'app.css')],
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    legalComments: 'none',
    logLevel: 'error',
  });
  const files = new Map<string, Uint8Array>(
    outputFiles.map(({ path, contents }) => [path.slice(folder.length + 1), contents]),
  );
  for (const name of ['index.html', 'icon.svg']) files.set(name, await readFile(join(folder, name)));
  return files;
}

/** Writes the front end to where the built package looks for it. */
export async function build(dist: string): Promise<void> {
  const assets = join(dist, 'page', 'assets');
  await mkdir(assets, { recursive: true });
  for (const [name, content] of await bundlePage()) await writeFile(join(assets, name), content);
}
