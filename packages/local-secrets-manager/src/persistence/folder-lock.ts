import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderError } from './data-folder-error.ts';

/**
 * Takes a folder for this process alone. A lock whose process has died, `kill -9` included, is taken over.
 * @returns what gives it back
 * @throws DataFolderError in-use
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock');
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid), id: randomUUID() });
  const ready = `${file}.${randomUUID()}`;
  // Linked into place, so that nobody ever sees a lock without its content.
  writeFileSync(ready, mine, { mode: 0o600 });
  try {
    while (!isLinked(ready, file)) {
      const held = textOf(file);
      if (held !== undefined) takeAway(folder, file, held);
    }
  } finally {
    rmSync(ready);
  }
  return () => {
    if (textOf(file) === mine) rmSync(file);
  };
}

function takeAway(folder: string, file: string, held: string): void {
  const pid = livingOwner(held);
  if (pid !== undefined) {
    throw new DataFolderError(
      'in-use',
      `The folder ${folder} is in use by process ${pid}; end it, or take another folder.`,
    );
  }
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return; // Someone else was faster.
    throw error;
  }
  // A new lock may have come in between: it goes back.
  if (textOf(aside) !== held) isLinked(aside, file);
  rmSync(aside);
}

function livingOwner(held: string): number | undefined {
  const { pid, started } = parsed(held);
  if (pid === undefined || !isAlive(pid)) return undefined;
  // The number may belong to another process by now.
  return started !== undefined && started !== startOf(pid) ? undefined : pid;
}

function parsed(held: string): { pid?: number; started?: string } {
  try {
    return JSON.parse(held) as { pid?: number; started?: string };
  } catch {
    return {}; // Not a lock of ours: nobody holds it.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

// When the process was started, where the system tells it.
function startOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
