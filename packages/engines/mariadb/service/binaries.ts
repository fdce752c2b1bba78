import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { downloadDebian } from '@keyturn/engine-conformance';

const run = promisify(execFile);

/** What it takes to run a MariaDB server. */
export interface Binaries {
  /** The folder that everything else is in, where it was downloaded; undefined for an installed server. */
  readonly root: string | undefined;
  readonly server: string;
  /** Error messages, character sets, and the statements that make the system tables. */
  readonly share: string;
  readonly plugins: string | undefined;
  /** For LD_LIBRARY_PATH. */
  readonly libraries: string;
}

const debian = {
  folder: 'mariadb',
  name: 'the MariaDB server',
  size: '11 MB',
  // The server, and the package that has its plugins.
  packages: ['mariadb-server-core', 'mariadb-server'],
  program: 'usr/sbin/mariadbd',
  unneeded: ['etc', 'lib/systemd', 'usr/bin', 'usr/share/apport', 'usr/share/doc', 'usr/share/man'],
  otherwise: 'install MariaDB 10.11 or later, so that mariadbd is on PATH',
  layoutVersion: 1,
};

let found: Promise<Binaries> | undefined;

/**
 * The installed server where `mariadbd` is on PATH and new enough; else Debian's, downloaded once.
 * @throws Error that says how to get a server
 */
export function binaries(): Promise<Binaries> {
  found ??= find();
  return found;
}

async function find(): Promise<Binaries> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  for (const server of folders.map((folder) => join(folder, 'mariadbd'))) {
    if (!existsSync(server) || !(await isNewEnough(server))) continue;
    const installed = layout(server, undefined, '');
    if (installed !== undefined) return installed;
  }
  const { root, libraries } = await downloadDebian(debian);
  const server = layout(join(root, 'usr/sbin/mariadbd'), root, libraries);
  if (server === undefined) throw new Error(`the MariaDB server in ${root} is not whole: delete that folder`);
  return server;
}

async function isNewEnough(server: string): Promise<boolean> {
  const { stdout } = await run(server, ['--version']);
  const [, major = 0, minor = 0] = /Ver (\d+)\.(\d+)/.exec(stdout)?.map(Number) ?? [];
  return major > 10 || (major === 10 && minor >= 11);
}

function layout(server: string, root: string | undefined, libraries: string): Binaries | undefined {
  const prefix = join(dirname(server), '..');
  const first = (...paths: readonly string[]) => paths.map((path) => join(prefix, path)).find(existsSync);
  const tables = first(
    'share/mysql/mysql_system_tables.sql',
    'share/mysql/mariadb_system_tables.sql',
    'share/mariadb/mariadb_system_tables.sql',
  );
  if (tables === undefined) return undefined;
  const plugins = first('lib/mysql/plugin', 'lib64/mysql/plugin', 'lib/plugin', 'lib/mariadb/plugin');
  return { root, server, share: dirname(tables), plugins, libraries };
}
