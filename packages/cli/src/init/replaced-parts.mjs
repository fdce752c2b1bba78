// What the packages of a function replace in the modules that they use: each says it in its package.json, as
// `keyturn.replace`, by module or by a file of one (`mysql2/lib/…`), with a path of its own. It keeps drivers small.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';

/** A plugin of esbuild that replaces them, for the package in a folder and all packages of Keyturn that it depends on. */
export async function replacedParts(folder) {
  const replaced = await replacements(folder);
  return {
    name: 'replaced-parts',
    setup({ onResolve, resolve: resolveAsEver }) {
      if (replaced.size === 0) return;
      onResolve({ filter: askedFor([...replaced.keys()]) }, async (args) => {
        if (args.pluginData === 'as ever') return undefined;
        const byName = replaced.get(args.path);
        if (byName !== undefined) return { path: byName };
        if (!args.path.startsWith('.')) return undefined;
        // A driver's own files are asked for by relative paths: where they lead says which they are.
        const { importer, kind, resolveDir } = args;
        const found = await resolveAsEver(args.path, { importer, kind, resolveDir, pluginData: 'as ever' });
        const inModule = found.path.replaceAll('\\', '/').split('/node_modules/').at(-1) ?? '';
        const byFile = replaced.get(inModule);
        return byFile === undefined ? undefined : { path: byFile };
      });
    },
  };
}

/**
 * What paths end in that may lead to one of these. Few of a bundle's imports do: to ask for each of them takes a
 * build several times as long.
 */
function askedFor(replaced) {
  const ends = replaced.map((path) => {
    const name = basename(path, '.js');
    if (name === 'index') throw new Error(`${path} cannot be replaced: it may be asked for by its folder's name`);
    return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`(?:^|/)(?:${[...new Set(ends)].join('|')})(?:\\.js)?$`);
}

async function replacements(folder) {
  const replaced = new Map();
  const visited = new Set();
  const visit = async (manifest) => {
    if (visited.has(manifest)) return;
    visited.add(manifest);
    const { dependencies = {}, keyturn } = JSON.parse(await readFile(manifest, 'utf8'));
    for (const [module, path] of Object.entries(keyturn?.replace ?? {})) {
      replaced.set(module, fileOf(dirname(manifest), path));
    }
    for (const name of Object.keys(dependencies)) {
      if (name.startsWith('@keyturn/')) await visit(createRequire(manifest).resolve(`${name}/package.json`));
    }
  };
  await visit(join(folder, 'package.json'));
  return replaced;
}

/** A published package holds what was built of its sources. */
function fileOf(folder, path) {
  const source = resolve(folder, path);
  return existsSync(source) ? source : resolve(folder, path.replace(/^\.\/src\/(.*)\.ts$/, './dist/$1.js'));
}
