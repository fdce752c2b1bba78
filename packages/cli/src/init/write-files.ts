import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandFailed } from '../errors.ts';

/**
 * Writes a project's files.
 * @param overwrite whether files that are there may be replaced
 * @throws CommandFailed, with nothing written, that names the files that are there
 */
export async function writeFiles(
  folder: string,
  files: ReadonlyMap<string, string>,
  { overwrite }: { readonly overwrite: boolean },
): Promise<void> {
  const there = await present(folder);
  const taken = [...files.keys()].filter((file) => there.has(file));
  if (taken.length > 0 && !overwrite) {
    throw new CommandFailed(
      `${folder} has these files already: ${taken.join(', ')}. Nothing was written. Choose another --dir, or overwrite them with --force.`,
    );
  }
  try {
    for (const [file, text] of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      // Without leave, a file that came in between is not overwritten either.
      await writeFile(join(folder, file), text, { flag: overwrite ? 'w' : 'wx' });
    }
  } catch (error) {
    throw unusable(folder, error);
  }
}

async function present(folder: string): Promise<ReadonlySet<string>> {
  try {
    return new Set(await readdir(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
    throw unusable(folder, error);
  }
}

function unusable(folder: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  return new CommandFailed(
    `--dir ${folder}: the files cannot be written (${code}). Give a folder that you may write to.`,
  );
}
