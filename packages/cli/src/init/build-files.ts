import { readFile } from 'node:fs/promises';

const build = `// Makes one file of handler.ts and all that it needs: dist/index.mjs.
import { build } from 'esbuild';
import { replacedParts } from './replaced-parts.mjs';

await build({
  entryPoints: ['handler.ts'],
  outfile: 'dist/index.mjs',
  bundle: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  // An optional native binding of pg, which is never used.
  external: ['pg-native'],
  // CommonJS libraries inside the bundle call require for Node's own modules.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  plugins: [await replacedParts(import.meta.dirname)],
  logLevel: 'info',
});
`;

/** The files that bundle the project, by their paths. */
export async function buildFiles(): Promise<[path: string, text: string][]> {
  // What scripts/bundle-template.ts uses for the templates, too. It lies beside this file, in the source as in the built package.
  const replacedParts = await readFile(new URL('./replaced-parts.mjs', import.meta.url), 'utf8');
  return [
    ['build.mjs', build],
    ['replaced-parts.mjs', replacedParts],
  ];
}
