import { readFile } from 'node:fs/promises';
import { CommandFailed, WrongUsage } from './errors.ts';
import { commandNames, loadCommand } from './find-commands.ts';
import { commandHelp, overview } from './help.ts';
import { readInput } from './read-input.ts';

const HELP = new Set(['--help', '-h']);
const VERSION = new Set(['--version', '-v']);

/**
 * Runs the command with these arguments. What it has to say goes to standard output, errors to standard error.
 * @returns the exit code: 0 all went well, 1 it failed, 2 it was called in a wrong way
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await run(args);
    return 0;
  } catch (error) {
    if (error instanceof WrongUsage) return fail(error.message, 2);
    if (error instanceof CommandFailed) return fail(error.message, 1);
    // A defect: whoever repairs it needs to know where.
    return fail(error instanceof Error ? (error.stack ?? error.message) : String(error), 1);
  }
}

async function run([name, ...args]: readonly string[]): Promise<void> {
  const names = await commandNames();
  if (name === undefined || HELP.has(name) || name === 'help') return say(await help(args[0], names));
  if (VERSION.has(name)) return say(`${await version()}\n`);
  if (!names.includes(name)) {
    throw new WrongUsage(`There is no command "${name}". There is: ${names.join(', ')}. See keyturn --help.`);
  }
  if (args.some((arg) => HELP.has(arg))) return say(await help(name, names));
  const command = await loadCommand(name);
  await command.run(readArguments(name, () => readInput(command, args)));
}

async function help(name: string | undefined, names: readonly string[]): Promise<string> {
  if (name !== undefined && names.includes(name)) return commandHelp(name, await loadCommand(name));
  return overview(await Promise.all(names.map(async (each) => [each, await loadCommand(each)] as const)));
}

function readArguments<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    throw new WrongUsage(`${error.message} See keyturn ${name} --help.`);
  }
}

async function version(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return JSON.parse(manifest).version;
}

function say(text: string): void {
  process.stdout.write(text);
}

function fail(message: string, code: number): number {
  process.stderr.write(`keyturn: ${message}\n`);
  return code;
}
