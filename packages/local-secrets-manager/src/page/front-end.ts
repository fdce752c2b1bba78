import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';

/** One file of the front end. */
interface FrontEndFile {
  readonly type: string;
  readonly body: Uint8Array;
}

/** The files of the front end by name, `index.html` among them. */
export type FrontEnd = ReadonlyMap<string, FrontEndFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

// In the built package they lie beside this file; in the source tree they are made when first asked for.
const built = new URL('./assets/', import.meta.url);
const builder = new URL('../../page/build.ts', import.meta.url);

let loaded: Promise<FrontEnd> | undefined;

/** The front end, read or bundled once in the life of the process. */
export function frontEnd(): Promise<FrontEnd> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<FrontEnd> {
  const files = import.meta.url.endsWith('.ts') ? await bundled() : await read();
  return new Map(
    [...files].map(([name, body]) => [name, { type: types[extname(name)] ?? 'application/octet-stream', body }]),
  );
}

async function bundled(): Promise<Map<string, Uint8Array>> {
  // By a computed address: the compiler must not follow it out of this folder.
  const { bundlePage } = await import(/* @vite-ignore */ builder.href);
  return bundlePage();
}

async function read(): Promise<Map<string, Uint8Array>> {
  const names = await readdir(built);
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, built))] as const)));
}
