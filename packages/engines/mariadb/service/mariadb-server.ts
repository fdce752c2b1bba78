import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  makeAuthority,
  makeServerFolder,
  type RunningService,
  runAsServerUser,
  type ServerFolder,
  type ServerProcess,
  type ServiceOptions,
  startOnFreePort,
  startServerProcess,
} from '@keyturn/engine-conformance';
import { type Connection, createConnection } from 'mysql2/promise';
import type { RunStatements } from './accounts.ts';
import { type Binaries, binaries } from './binaries.ts';
import { failureCauses } from './failure-causes.ts';
import { furnish, furnishings } from './furnish.ts';
import { furnishNamed } from './furnish-named.ts';
import { baseSettings, environment, newData, reachable } from './new-data.ts';
import { rightsOf } from './rights-of.ts';
import { refusesUsername } from './usernames.ts';

/** What tests of this engine ask for besides. */
export interface MariadbOptions extends ServiceOptions {
  /** Server settings, such as `max-connections`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running MariaDB, with what this engine's own tests need besides. */
export interface RunningMariadb extends RunningService {
  /** Logs in as the superuser; its statements are logged. */
  superuser(): Promise<Connection>;
}

const administrator = 'keyturn master';
const superuser = 'keyturn_superuser';
const database = 'app';

/** Starts a MariaDB on a free port of 127.0.0.1, with empty data. */
export async function startMariadb(options: MariadbOptions = {}): Promise<RunningMariadb> {
  const files = await reachable(await binaries());
  const folder = makeServerFolder('mariadb');
  let server: ServerProcess | undefined;
  try {
    const run = {
      cwd: folder.path,
      folder: folder.path,
      env: environment(files),
    };
    const data = join(folder.path, 'data');
    await runAsServerUser({ ...run, command: 'cp', args: ['-a', await newData(files), data] });
    const passwords = { administrator: secret(), superuser: secret() };
    const authority = makeAuthority('Keyturn tests');
    const tls = options.tls ?? true;
    const started = await startOnFreePort((port) =>
      startServerProcess({
        ...run,
        command: files.server,
        args: [
          ...baseSettings(files, data, folder.path),
          ...serverSettings(folder, files, passwords, tls ? (options.certificate ?? authority.sign()) : undefined),
          ...Object.entries({ ...options.settings, port }).map(([name, value]) => `--${name}=${value}`),
        ],
        readyWhen: /ready for connections/,
      }),
    );
    server = started.server;
    return running(server, folder, started.port, authority.certificate, tls, passwords);
  } catch (error) {
    await server?.stop();
    folder.remove();
    throw error;
  }
}

interface Passwords {
  readonly administrator: string;
  readonly superuser: string;
}

const logs = ['general.log', 'slow.log'] as const;

function serverSettings(
  folder: ServerFolder,
  files: Binaries,
  passwords: Passwords,
  certificate: { readonly certificate: string; readonly key: string } | undefined,
): readonly string[] {
  const [general, slow] = logs;
  return [
    '--bind-address=127.0.0.1',
    `--socket=${join(folder.path, 'socket')}`,
    `--pid-file=${join(folder.path, 'pid')}`,
    `--init-file=${folder.write('users.sql', users(passwords))}`,
    '--skip-name-resolve',
    '--innodb-flush-log-at-trx-commit=0',
    '--general-log=1',
    `--general-log-file=${join(folder.path, general)}`,
    // Every statement counts as slow: that log, too, must hold no password.
    '--slow-query-log=1',
    '--long-query-time=0',
    `--slow-query-log-file=${join(folder.path, slow)}`,
    // So few that whoever goes on trying passwords blocks the user for good.
    '--max-password-errors=4',
    ...(files.plugins !== undefined && existsSync(join(files.plugins, 'auth_ed25519.so'))
      ? ['--plugin-load-add=auth_ed25519']
      : []),
    ...(certificate === undefined
      ? ['--skip-ssl']
      : [
          `--ssl-cert=${folder.write('server.pem', certificate.certificate)}`,
          `--ssl-key=${folder.write('server.key', certificate.key)}`,
        ]),
  ];
}

/** One statement a line: --init-file reads no other form. */
function users(passwords: Passwords): string {
  return [
    // The installation's own accounts have no password.
    "DELETE FROM mysql.global_priv WHERE User IN ('root', '')",
    'FLUSH PRIVILEGES',
    `CREATE USER ${superuser}@'%' IDENTIFIED BY PASSWORD '${hash(passwords.superuser)}'`,
    `GRANT ALL ON *.* TO ${superuser}@'%' WITH GRANT OPTION`,
    `CREATE USER '${administrator}'@'%' IDENTIFIED BY PASSWORD '${hash(passwords.administrator)}'`,
    // What the engine's README asks for, and nothing else.
    `GRANT CREATE USER ON *.* TO '${administrator}'@'%'`,
    `GRANT SELECT, UPDATE ON mysql.* TO '${administrator}'@'%'`,
    `CREATE DATABASE ${database}`,
    // What it gives on, which is also what a login needs that names this database, as the tests' master secrets do.
    ...furnishings(database, administrator, superuser),
    '',
  ].join(';\n');
}

function running(
  server: ServerProcess,
  folder: ServerFolder,
  port: number,
  ca: string,
  tls: boolean,
  passwords: Passwords,
): RunningMariadb {
  const loginOf = (user: string, password: string) => ({ host: 'localhost', port, user, password, charset: 'utf8mb4' });

  /** Through the socket file, which no certificate stands before. */
  const openAsSuperuser = () =>
    createConnection({ ...loginOf(superuser, passwords.superuser), socketPath: join(folder.path, 'socket') });

  /** Unlogged: the log must show what the engine sends, not what the tests do. */
  const withSuperuser = async <T>(use: (run: RunStatements) => Promise<T>): Promise<T> => {
    const connection = await openAsSuperuser();
    try {
      await connection.query('SET SESSION sql_log_off = 1, SESSION slow_query_log = 0, SESSION sql_mode = DEFAULT');
      return await use(async (...statements) => {
        let rows: unknown;
        for (const statement of statements) [rows] = await connection.query(statement);
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
      });
    } finally {
      await connection.end();
    }
  };
  const asSuperuser: RunStatements = (...statements) => withSuperuser((run) => run(...statements));

  return {
    host: 'localhost',
    port,
    ca,
    database,
    engineName: 'mariadb',
    administrator: { username: administrator, password: passwords.administrator },
    superuser: openAsSuperuser,
    async createUser(username, password) {
      const account = `\`${username.replaceAll('`', '``')}\`@\`%\``;
      await asSuperuser(
        `CREATE USER ${account} IDENTIFIED BY PASSWORD '${hash(password)}'`,
        `GRANT ALL ON ${database}.* TO ${account}`,
      );
    },
    furnish: (username) => withSuperuser((run) => furnish(run, database, username, tls)),
    rightsOf: (username) => withSuperuser((run) => rightsOf(run, username)),
    furnishNamed: (username, name) => withSuperuser((run) => furnishNamed(run, database, username, name)),
    causes: failureCauses(asSuperuser),
    refusesUsername,
    execute: (statement) => asSuperuser(statement),
    async logsIn(username, password) {
      try {
        const ssl = tls ? { ssl: { ca, verifyIdentity: true } } : {};
        await (await createConnection({ ...loginOf(username, password), ...ssl })).end();
        return true;
      } catch (error) {
        // A wrong password, or an account that is locked.
        if ([1045, 4151].includes((error as { errno?: number }).errno ?? 0)) return false;
        throw error;
      }
    },
    async hasPassword(username, password) {
      const bytes = Buffer.from(username, 'utf8').toString('hex');
      const rows = await asSuperuser(`SELECT Priv AS priv FROM mysql.global_priv WHERE BINARY User = 0x${bytes}`);
      return rows.length > 0 && rows.every(({ priv }) => JSON.stringify(priv).includes(hash(password)));
    },
    log: () =>
      [
        ...logs
          .map((name) => join(folder.path, name))
          .filter(existsSync)
          .map((path) => readFileSync(path, 'utf8')),
        server.log(),
      ].join('\n'),
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
