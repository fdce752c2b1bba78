import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { replacedParts } from '../packages/cli/src/init/replaced-parts.mjs';
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
    plugins: [await replacedParts(folder)],
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
