import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serverIdentity } from './server-process.ts';

/** A folder for a server's data, owned by the user that the server runs as. */
export interface ServerFolder {
  readonly path: string;
  /** Writes a file that only the server's user can read; returns its path. */
  write(name: string, content: string): string;
  /** Deletes the folder and all that is in it. */
  remove(): void;
}

/** Makes a folder under the system's temporary folder that the server's user can reach. */
export function makeServerFolder(name: string): ServerFolder {
  const base = isReachable(tmpdir()) ? tmpdir() : '/tmp';
  const path = mkdtempSync(join(base, `keyturn-${name}-`));
  chmodSync(path, 0o700);
  ownedByServer(path);
  return {
    path,
    write(file, content) {
      const target = join(path, file);
      writeFileSync(target, content, { mode: 0o600 });
      ownedByServer(target);
      return target;
    },
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Whether the user that servers run as can enter this path: every folder above must let it pass. */
export function isReachable(path: string): boolean {
  if (serverIdentity().uid === undefined) return true;
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Gives a file or a folder to the user that servers run as. */
export function ownedByServer(path: string): void {
  const { uid, gid } = serverIdentity();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}
