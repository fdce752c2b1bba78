import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataFolderError } from './data-folder-error.ts';
import { lockFolder } from './folder-lock.ts';
import { keyFile, makeKey, readKey } from './key-file.ts';

const LOG = /^(\d{8})\.log$/;
const OWN = /^(?:\d{8}\.log(?:\.tmp)?|lock(?:\..*)?|secrets\.key(?:\.tmp)?)$/;

/** A folder that is locked for this process, with its key. */
export interface DataFolder {
  readonly path: string;
  readonly key: Buffer;
  /** The number of the log that counts, 0 where there is none yet. */
  readonly newest: number;
  release(): void;
}

/**
 * Makes a folder ready: only its owner may enter it, and only this process uses it.
 * @throws DataFolderError where it is someone else's, in use, or without its key
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const foreign = readdirSync(path).filter((name) => !OWN.test(name));
  if (foreign.length > 0 && !existsSync(keyFile(path)) && newestLog(path) === 0) {
    const some = foreign.slice(0, 3).join(', ');
    throw new DataFolderError('foreign', `The folder ${path} holds other files (${some}); take an empty one.`);
  }
  chmodSync(path, 0o700);
  const release = lockFolder(path);
  try {
    const newest = newestLog(path);
    if (newest === 0 && !existsSync(keyFile(path))) await makeKey(path);
    const key = readKey(path);
    removeLeftovers(path, newest);
    return { path, key, newest, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** The file of a log by its number. */
export function logFile(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}.log`);
}

/** The bytes of a log. */
export function readLog(folder: string, number: number): Buffer {
  return readFileSync(logFile(folder, number));
}

/** Makes what was created or renamed in the folder survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows does not open folders, and does not need it.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function newestLog(folder: string): number {
  return readdirSync(folder).reduce((newest, name) => Math.max(newest, Number(LOG.exec(name)?.[1] ?? 0)), 0);
}

// A crash in a compaction leaves a half-written file, or the log that it has replaced.
function removeLeftovers(folder: string, newest: number): void {
  for (const name of readdirSync(folder)) {
    const number = Number(/^(\d{8})\.log/.exec(name)?.[1] ?? Number.NaN);
    if (name.endsWith('.log.tmp') || number < newest) rmSync(join(folder, name));
  }
}
