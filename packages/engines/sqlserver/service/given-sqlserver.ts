import {
  type DatabaseService,
  type DockerImage,
  givenService,
  type RunningService,
  type ServiceUrl,
} from '@keyturn/engine-conformance';
import { causesAnywhere } from './causes.ts';
import { bracket, furnish, type Run, rightsOf, text } from './given-rights.ts';
import { hashPassword, isHash, isPassword } from './model/password-hash.ts';
import { openDriver, rowsOn, tryLogin } from './test-login.ts';
import { protocol } from './wire.ts';

/**
 * A SQL Server that somebody has: `sqlserver://sa:password@host:1433/database?ca=/path`, master unless a database is
 * named. Its user must be a member of sysadmin, for it reads what the server keeps of passwords. Logins of new names
 * are made, each with a user in that database, without the server's password policy; all are dropped in the end.
 */
export function fromUrl(url: string): DatabaseService {
  return givenService({ engine: 'sqlserver', protocol, url, defaultPort: 1433, start: givenSqlServer });
}

function givenSqlServer({ host, port, ca, tls, administrator, database = 'master' }: ServiceUrl): RunningService {
  const server = { host, port, ca };
  const made = new Set<string>();
  const rounds = new Map<string, number>();
  const run: Run = async (statement) => {
    const { username, password } = administrator;
    const connection = await openDriver(server, username, password, { database: 'master', encrypt: tls });
    try {
      return await rowsOn(connection, statement);
    } finally {
      connection.close();
    }
  };
  return {
    host,
    port,
    ca,
    administrator,
    database,
    engineName: 'sqlserver',
    causes: causesAnywhere(run),
    async createUser(username, password) {
      made.add(username);
      // What the suite's twins are called.
      made.add(`${username}_clone`);
      const name = bracket(username);
      // A hash cannot be had together with the policy (ALTER LOGIN, Remarks), which might ask for a password's age.
      await run(`CREATE LOGIN ${name} WITH PASSWORD = ${hashPassword(password)} HASHED, CHECK_POLICY = OFF`);
      await run(`USE ${bracket(database)}; CREATE USER ${name} FOR LOGIN ${name}`);
    },
    async furnish(username) {
      const base = username.replace(/_clone$/, '');
      const round = rounds.get(base) ?? 0;
      rounds.set(base, round + 1);
      await furnish(run, database, username, round);
    },
    rightsOf: (username) => rightsOf(run, database, username),
    refusesUsername,
    execute: run,
    logsIn: (username, password) => tryLogin(server, username, password, database, tls),
    hasPassword: (username, password) => hasPassword(run, username, password),
    // What somebody's server logs is not to be had.
    log: () => '',
    async stop() {
      for (const name of made) await drop(run, database, name);
    },
  };
}

function refusesUsername(name: string): string | undefined {
  if (name.includes('\0')) return 'no name holds NUL';
  if (name.includes('\\')) return 'a name with a backslash is one of Windows (CREATE LOGIN, Arguments)';
  if (name.endsWith(' ')) return 'names are compared without the spaces at their end';
  return name.length > 128 ? 'a name has at most 128 characters' : undefined;
}

/** @throws Error where the hash is not shown, or is of a kind that nothing here can compute */
async function hasPassword(run: Run, username: string, password: string): Promise<boolean> {
  const [row] = await run(
    `SELECT CONVERT(nvarchar(400), password_hash, 1) AS hash FROM sys.sql_logins WHERE name = ${text(username)}`,
  );
  if (row === undefined) return false;
  const { hash } = row;
  if (typeof hash !== 'string') throw new Error('the administrator may not read password_hash: it needs sysadmin');
  if (!isHash(hash)) throw new Error('the server keeps passwords otherwise than SQL Server 2012 to 2022');
  return isPassword(hash, password);
}

async function drop(run: Run, database: string, username: string): Promise<void> {
  const name = text(username);
  const [user] = await run(`SELECT name FROM ${bracket(database)}.sys.database_principals WHERE name = ${name}`);
  if (user !== undefined) await run(`USE ${bracket(database)}; DROP USER ${bracket(username)}`);
  const [login] = await run(`SELECT name FROM sys.server_principals WHERE name = ${name}`);
  if (login !== undefined) await dropLogin(run, username);
}

/** Numbers of the server: a login that has a session cannot be dropped, a session that has gone cannot be ended. */
const isLoggedIn = 15434;
const noSession = 6106;
const farewellMs = 30_000;

/** A session may outlive its client for a while: it is ended first. */
async function dropLogin(run: Run, username: string): Promise<void> {
  for (const until = performance.now() + farewellMs; ; ) {
    try {
      await run(`DROP LOGIN ${bracket(username)}`);
      return;
    } catch (error) {
      if (numberOf(error) !== isLoggedIn || performance.now() > until) throw error;
    }
    const whose = `original_login_name = ${text(username)}`;
    for (const { id } of await run(`SELECT session_id AS id FROM sys.dm_exec_sessions WHERE ${whose}`)) {
      await run(`KILL ${Number(id)}`).catch((error: unknown) => {
        if (numberOf(error) !== noSession) throw error;
      });
    }
  }
}

function numberOf(error: unknown): number | undefined {
  return (error as { readonly number?: number }).number;
}

const configuration = '/var/opt/mssql/mssql.conf';
const certificatePath = '/keyturn/server.pem';
const keyPath = '/keyturn/server.key';

/** The vendor's image, with TLS. Whoever starts it accepts Microsoft's licence for it. */
export const docker: DockerImage = {
  image: 'mcr.microsoft.com/mssql/server:2022-latest',
  port: 1433,
  // It listens before, while its own scripts upgrade its databases, and refuses logins until they are through.
  readyWhen: /Recovery is complete/,
  settings: ({ password, certificate }) => ({
    environment: { ACCEPT_EULA: 'Y', MSSQL_PID: 'Developer', MSSQL_SA_PASSWORD: password },
    files: [
      // The server does not run as root, whose the files are, and keeps settings of its own in this one.
      {
        target: configuration,
        mode: 0o666,
        content: `[network]\ntlscert = ${certificatePath}\ntlskey = ${keyPath}\ntlsprotocols = 1.2\nforceencryption = 0\n`,
      },
      { target: certificatePath, content: certificate.certificate, mode: 0o444 },
      { target: keyPath, content: certificate.key, mode: 0o444 },
    ],
  }),
  url: ({ host, port, password, ca }) =>
    `sqlserver://sa:${encodeURIComponent(password)}@${host}:${port}?ca=${encodeURIComponent(ca)}`,
};
