import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import type { RotationTemplate } from './rotation-template.ts';

/** The code of a function, and which of it Lambda calls. */
export interface FunctionCode {
  readonly code: Code;
  readonly handler: string;
}

/** The code that the props of a function name. @throws Error where that is not one, or it is not there */
export function codeOf({ template, entry }: Pick<RotationFunctionProps, 'template' | 'entry'>): FunctionCode {
  if (template !== undefined && entry === undefined) return codeOfTemplate(template);
  if (template === undefined && entry !== undefined) return codeOfEntry(entry);
  throw new Error(
    'Give either template, such as RotationTemplate.postgresSingleUser(), or entry, the built file of your own.',
  );
}

/** The built bundle of a template: what is published holds it, a clone of Keyturn has it after `npm run build`. */
function codeOfTemplate({ name }: RotationTemplate): FunctionCode {
  const places = [
    join(import.meta.dirname, 'bundles', `${name}.zip`),
    join(import.meta.dirname, '..', '..', 'templates', name, 'dist', 'function.zip'),
  ];
  const zip = places.find((place) => existsSync(place));
  if (zip === undefined) {
    throw new Error(`There is no bundle of ${name}. In a clone of Keyturn, build it first: npm run build -- ${name}`);
  }
  return { code: Code.fromAsset(zip), handler: 'index.handler' };
}

/**
 * The code of one's own: a built file, a folder with an `index.mjs`, or a zip of one. It is taken as it is: nothing is
 * bundled while an app is synthesized.
 */
function codeOfEntry(entry: string): FunctionCode {
  const path = resolve(entry);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`entry: there is no ${path}. Build your handler before cdk synth.`);
  const extension = extname(path);
  if (found.isDirectory() || extension === '.zip') {
    return { code: Code.fromAsset(path), handler: 'index.handler' };
  }
  if (['.mjs', '.cjs', '.js'].includes(extension)) {
    const file = basename(path);
    // A single file is no asset of Lambda's: its folder is one, without what stands beside it.
    const code = Code.fromAsset(dirname(path), { exclude: ['*', `!${file}`] });
    return { code, handler: `${basename(path, extension)}.handler` };
  }
  throw new Error(
    `entry: ${path} is not what Lambda runs. Build it before cdk synth, and name what that makes: npx esbuild ${entry} --bundle --platform=node --format=esm --outfile=dist/index.mjs`,
  );
}
