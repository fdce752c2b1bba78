import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { templatesFolder } from './templates.ts';
import { writeWhole } from './write-whole.ts';

/** A template's function as one file. */
export interface Bundle {
  /** The path of the file. */
  readonly file: string;
  /** The paths of the sources of which something is in the file. */
  readonly sources: readonly string[];
  /** Those, and the paths of what was read besides. */
  readonly read: readonly string[];
  /** What it imports when it runs. */
  readonly imports: readonly string[];
}

/**
 * Bundles a template's handler with all that it needs into one file that Lambda's Node runtimes run.
 * @returns the bundle's path
 */
export async function bundleTemplate(name: string): Promise<string> {
  return (await bundleWithSources(name)).file;
}

/**
 * The same, telling what is in it. The file does not depend on where the workspace lies; its source map does.
 * @param dist where it is written
 */
export async function bundleWithSources(
  name: string,
  dist: string = join(templatesFolder, name, 'dist'),
): Promise<Bundle> {
  const folder = join(templatesFolder, name);
  const outfile = join(dist, 'index.mjs');
  const { metafile, outputFiles } = await build({
    absWorkingDir: folder,
    metafile: true,
    write: false,
    entryPoints: [join(folder, 'handler.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // ES modules first: they shake out better, and jsonc-parser's other form cannot be bundled at all.
    conditions: ['keyturn-source', 'module'],
    mainFields: ['module', 'main'],
    alias: {
      // On Lambda, credentials come from the environment: profiles, SSO and processes have no place there.
      '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'lambda-credentials.ts'),
    },
    plugins: [replacing(await replacements(folder))],
    sourcemap: 'external',
    legalComments: 'none',
    logLevel: 'error',
    // CommonJS libraries inside the bundle call require for Node's own modules.
    banner: {
      js: "import{createRequire as keyturnRequire}from'node:module';const require=keyturnRequire(import.meta.url);",
    },
    // An optional native binding of pg, which is never used.
    external: ['pg-native'],
  });
  for (const { path, contents } of outputFiles) await writeWhole(path, contents);
  const outputs = Object.values(metafile.outputs);
  const paths = (names: readonly string[]): string[] => names.map((path) => resolve(folder, path)).sort();
  const inputs = outputs.flatMap((output) => Object.entries(output.inputs));
  return {
    file: outfile,
    sources: paths(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)),
    read: paths(Object.keys(metafile.inputs)),
    imports: [...new Set(outputs.flatMap((output) => output.imports.map(({ path }) => path)))].sort(),
  };
}

/**
 * What a template's engines, and the drivers that these depend on, replace in modules: `keyturn.replace` in a
 * package.json, by module or by a file of one (`mysql2/lib/…`), with a path of its own.
 */
async function replacements(folder: string): Promise<Map<string, string>> {
  const replaced = new Map<string, string>();
  const visited = new Set<string>();
  const visit = async (manifest: string): Promise<void> => {
    if (visited.has(manifest)) return;
    visited.add(manifest);
    const { dependencies = {}, keyturn } = JSON.parse(await readFile(manifest, 'utf8'));
    for (const [module, path] of Object.entries<string>(keyturn?.replace ?? {})) {
      replaced.set(module, resolve(dirname(manifest), path));
    }
    for (const name of Object.keys(dependencies)) {
      if (name.startsWith('@keyturn/')) await visit(createRequire(manifest).resolve(`${name}/package.json`));
    }
  };
  await visit(join(folder, 'package.json'));
  return replaced;
}

function replacing(replaced: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'replace-parts-of-drivers',
    setup({ onResolve, resolve: resolveAsEver }) {
      onResolve({ filter: /./ }, async (args) => {
        if (args.pluginData === 'as ever') return undefined;
        const byName = replaced.get(args.path);
        if (byName !== undefined) return { path: byName };
        if (replaced.size === 0 || !args.path.startsWith('.')) return undefined;
        // A driver's own files are asked for by relative paths: where they lead says which they are.
        const { importer, kind, resolveDir } = args;
        const found = await resolveAsEver(args.path, { importer, kind, resolveDir, pluginData: 'as ever' });
        const inModule = found.path.split('/node_modules/').at(-1) ?? '';
        const byFile = replaced.get(inModule);
        return byFile === undefined ? undefined : { path: byFile };
      });
    },
  };
}
