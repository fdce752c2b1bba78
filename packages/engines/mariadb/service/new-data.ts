import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { madeOnce, ownedByServer, runAsServerUser, withinReach } from '@keyturn/engine-conformance';
import type { Binaries } from './binaries.ts';

/** Where the user that servers run as can run it. */
export async function reachable(installed: Binaries): Promise<Binaries> {
  const { root } = installed;
  if (root === undefined) return installed;
  const copy = await withinReach(root, `mariadb-${releaseOf(installed.server)}`);
  const moved = (path: string) => join(copy, relative(root, path));
  return {
    root: copy,
    server: moved(installed.server),
    share: moved(installed.share),
    plugins: installed.plugins === undefined ? undefined : moved(installed.plugins),
    libraries: installed.libraries.replaceAll(root, copy),
  };
}

/** What the server needs in its environment. */
export function environment({ libraries }: Binaries): Readonly<Record<string, string>> {
  return libraries === '' ? {} : { LD_LIBRARY_PATH: libraries };
}

/** What a server must be told, whatever is done with it. */
export function baseSettings({ share, plugins }: Binaries, data: string, temporary: string): readonly string[] {
  return [
    '--no-defaults',
    `--datadir=${data}`,
    // A server that starts deletes the temporary tables that it finds: each needs a folder of its own.
    `--tmpdir=${temporary}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    ...(plugins === undefined ? [] : [`--plugin-dir=${plugins}`]),
    '--innodb-log-file-size=4M',
    '--innodb-buffer-pool-size=8M',
    '--innodb-use-native-aio=0',
  ];
}

/** Data with the system's tables, which take a second to make: once for each server, and then it is copied. It holds no password. */
export async function newData(files: Binaries): Promise<string> {
  const made = await madeOnce(`mariadb-data-${releaseOf(files.server)}`, async (draft) => {
    const [data, temporary] = ['data', 'tmp'].map((name) => join(draft, name)) as [string, string];
    for (const folder of [data, temporary]) {
      mkdirSync(folder, { mode: 0o700 });
      ownedByServer(folder);
    }
    const statements = join(draft, 'tables.sql');
    writeFileSync(statements, systemTables(files));
    const server = [files.server, ...baseSettings(files, data, temporary), '--bootstrap', '--log-warnings=0'];
    await runAsServerUser({
      cwd: draft,
      env: environment(files),
      command: '/bin/sh',
      args: ['-c', 'exec "$@" < "$0"', statements, ...server],
    });
  });
  return join(made, 'data');
}

/** Of a file that was installed or downloaded: another one is another release. */
function releaseOf(file: string): string {
  const { mtimeMs, size } = statSync(file);
  return `${basename(file)}-${size}-${Math.trunc(mtimeMs)}`;
}

function systemTables({ share }: Binaries): string {
  const read = (name: string) => {
    const path = ['mysql', 'mariadb'].map((prefix) => join(share, `${prefix}_${name}.sql`)).find(existsSync);
    if (path === undefined) throw new Error(`the MariaDB installation lacks ${name}.sql in ${share}`);
    return readFileSync(path, 'utf8');
  };
  return [
    'CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n',
    ...['system_tables', 'performance_tables', 'system_tables_data'].map(read),
  ].join('\n');
}
