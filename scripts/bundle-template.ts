import { join } from 'node:path';
import { build } from 'esbuild';
import { templatesFolder } from './templates.ts';

/**
 * Bundles a template's handler with all that it needs into one file that Lambda's Node runtimes run.
 * @returns the bundle's path
 */
export async function bundleTemplate(name: string): Promise<string> {
  const outfile = join(templatesFolder, name, 'dist', 'index.mjs');
  await build({
    entryPoints: [join(templatesFolder, name, 'handler.ts')],
    outfile,
    bundle: true,
    minify: true,
    // Error types and class names stay readable in logs.
    keepNames: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // ES modules first: they shake out better, and jsonc-parser's other form cannot be bundled at all.
    mainFields: ['module', 'main'],
    conditions: ['keyturn-source'],
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
