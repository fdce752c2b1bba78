import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DataFolderError } from './data-folder-error.ts';

const KEY_BYTES = 32;

/** Where the key of a data folder lies. */
export function keyFile(folder: string): string {
  return join(folder, 'secrets.key');
}

/** Makes a key that only its owner can read. */
export async function makeKey(folder: string): Promise<void> {
  const temporary = `${keyFile(folder)}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, keyFile(folder));
}

/** Reads the key. @throws DataFolderError where there is none, it is none, or others can read it */
export function readKey(folder: string): Buffer {
  const file = keyFile(folder);
  if (!existsSync(file)) {
    throw new DataFolderError(
      'no-key',
      `The key ${file} is missing: without it the secrets in ${folder} cannot be read.`,
    );
  }
  // Windows has no such modes.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new DataFolderError('open-key', `The key ${file} can be read by others; run: chmod 600 ${file}`);
  }
  const key = Buffer.from(readFileSync(file, 'utf8'), 'base64');
  if (key.length !== KEY_BYTES) throw new DataFolderError('wrong-key', `${file} does not hold a key.`);
  return key;
}
