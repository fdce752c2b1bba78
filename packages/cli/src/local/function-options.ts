import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { WrongUsage } from '../errors.ts';

/** A function that the command line names. */
export interface NamedFunction {
  readonly name: string;
  /** The bundle, as an absolute path. */
  readonly file: string;
  /** The bundle as it was named. */
  readonly given: string;
  /** Module and export, as Lambda names them. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
}

const FUNCTION = /^([^=]*)=(.+?\.[cm]?js)(?::([A-Za-z_$][\w$]*))?$/;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const VARIABLE = /^(?:([A-Za-z0-9_-]{1,64})\.)?([A-Za-z_][A-Za-z0-9_]*)$/;

/**
 * Reads `--function NAME=bundle.mjs[:export]` and `--env [NAME.]KEY=value`.
 * @throws WrongUsage
 */
export function readFunctions(functions: readonly string[], variables: readonly string[]): NamedFunction[] {
  const named = functions.map(readFunction);
  const names = named.map(({ name }) => name);
  for (const name of names) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) throw new WrongUsage(`--function names ${name} twice.`);
  }
  const given = variables.map((text) => readVariable(text, names));
  return named.map((each) => ({
    ...each,
    environment: Object.fromEntries(
      given.filter(({ name }) => name === undefined || name === each.name).map(({ key, value }) => [key, value]),
    ),
  }));
}

function readFunction(text: string): Omit<NamedFunction, 'environment'> {
  const [, name = '', given = '', exportName = 'handler'] = FUNCTION.exec(text) ?? [];
  if (given === '') {
    throw new WrongUsage(`--function ${text}: write NAME=bundle.mjs, or NAME=bundle.mjs:exportName.`);
  }
  if (!NAME.test(name)) {
    throw new WrongUsage(`--function ${text}: the name takes letters, digits, - and _, at most 64.`);
  }
  const file = resolve(given);
  if (!existsSync(file)) throw new WrongUsage(`--function ${text}: there is no file ${file}. Build the bundle first.`);
  return { name, file, given, handler: `${basename(file).replace(/\.[cm]?js$/, '')}.${exportName}` };
}

function readVariable(
  text: string,
  names: readonly string[],
): { name: string | undefined; key: string; value: string } {
  const at = text.indexOf('=');
  const [, name, key] = VARIABLE.exec(text.slice(0, Math.max(at, 0))) ?? [];
  // Not the text itself: what follows the = may be private.
  if (key === undefined) throw new WrongUsage('--env: write NAME.KEY=value, or KEY=value for every function.');
  if (key === 'AWS_ACCESS_KEY_ID') {
    throw new WrongUsage('--env: AWS_ACCESS_KEY_ID is how the service knows the function; leave it out.');
  }
  if (name !== undefined && !names.includes(name)) {
    const known = names.length === 0 ? 'no function is given' : `there is ${names.join(', ')}`;
    throw new WrongUsage(`--env ${name}.${key}: there is no function ${name}; ${known}.`);
  }
  return { name, key, value: text.slice(at + 1) };
}
