import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { templatesFolder } from './templates.ts';

/**
 * Bundles a template's handler with all that it needs into one file that Lambda's Node runtimes run.
 * @returns the bundle's path
 */
export async function bundleTemplate(name: string): Promise<string> {
  const folder = join(templatesFolder, name);
  const outfile = join(folder, 'dist', 'index.mjs');
  await build({
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
  return outfile;
}

/**
 * What the engines that a template depends on replace in their drivers: `keyturn.replace` in an engine's
 * package.json, by module or by a file of one (`mysql2/lib/…`), with a path of its own.
 */
async function replacements(folder: string): Promise<Map<string, string>> {
  const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const replaced = new Map<string, string>();
  for (const name of Object.keys(dependencies)) {
    const file = createRequire(join(folder, 'package.json')).resolve(`${name}/package.json`);
    const { keyturn } = JSON.parse(await readFile(file, 'utf8'));
    for (const [module, path] of Object.entries<string>(keyturn?.replace ?? {})) {
      replaced.set(module, resolve(dirname(file), path));
    }
  }
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
