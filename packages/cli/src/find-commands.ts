import { readdir } from 'node:fs/promises';
import type { Command } from './command.ts';

const folder = new URL('./commands/', import.meta.url);

/** The names of the subcommands: of the files under `commands/`, without their endings. */
export async function commandNames(): Promise<string[]> {
  const files = await readdir(folder);
  return files.flatMap((file) => /^([a-z-]+)\.(?:ts|js)$/.exec(file)?.[1] ?? []).sort();
}

/** The subcommand of this name, which must be one of {@link commandNames}. */
export async function loadCommand(name: string): Promise<Command> {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const { command } = await import(/* @vite-ignore */ new URL(`${name}.${ending}`, folder).href);
  return command;
}
