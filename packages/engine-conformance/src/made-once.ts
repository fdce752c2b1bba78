import { cpSync, lstatSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { isReachable } from './server-folder.ts';

/**
 * A folder whose content is made once on this machine, under the system's temporary folder, where the user that
 * servers run as can read it. Several test processes may make it at once: each a draft of its own, and the first wins.
 * @param name says what is in it, with its release: what is there is never made anew
 * @param make fills the folder that it is given
 * @throws Error where a folder of that name belongs to somebody else
 */
export async function madeOnce(name: string, make: (folder: string) => void | Promise<void>): Promise<string> {
  const folder = join(isReachable(tmpdir()) ? tmpdir() : '/tmp', `keyturn-${name}`);
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    const draft = mkdtempSync(`${folder}.`);
    try {
      await chmod(draft, 0o755);
      await make(draft);
      renameSync(draft, folder);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      // Another process was quicker.
      if (!['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  const there = lstatSync(folder);
  if (!there.isDirectory() || there.uid !== userInfo().uid) {
    throw new Error(`${folder} belongs to somebody else: remove it, then run the tests again`);
  }
  return folder;
}

/**
 * The folder itself where the user that servers run as may enter it, else a copy. As root that user is `nobody`, who
 * may not enter a workspace under root's home.
 * @param name as for `madeOnce`
 */
export async function withinReach(folder: string, name: string): Promise<string> {
  if (isReachable(folder)) return folder;
  return madeOnce(name, (copy) => cpSync(folder, copy, { recursive: true, verbatimSymlinks: true }));
}
