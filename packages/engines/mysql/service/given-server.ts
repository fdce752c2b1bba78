import { randomBytes } from 'node:crypto';
import {
  type DatabaseService,
  type DockerImage,
  givenService,
  type RunningService,
  type ServiceUrl,
} from '@keyturn/engine-conformance';
import { protocol } from '@keyturn/service-mariadb';
import { createConnection } from 'mysql2/promise';
import { hostsOf, type RunStatements } from './accounts.ts';
import { isPassword } from './double/credentials.ts';
import { furnish, makeRoles } from './given-rights.ts';
import { account, literal } from './quoting.ts';
import { rightsOf } from './rights-of.ts';
import { refusesUsername } from './usernames.ts';

/**
 * A MySQL that somebody has, from 5.7.6 on: `mysql://admin:password@host:3306?ca=/path`. Its user must be able to
 * read the tables of `mysql`, to make databases, users and roles, and to hand on rights of every kind (`root`, or RDS's
 * master user); a database and two roles of new names are made, and taken away in the end.
 */
export function fromUrl(url: string): DatabaseService {
  return givenService({ engine: 'mysql', protocol, url, defaultPort: 3306, start: givenServer });
}

async function givenServer({ host, port, ca, tls, administrator }: ServiceUrl): Promise<RunningService> {
  const database = `keyturn_test_${randomBytes(5).toString('hex')}`;
  const made = new Set<string>();
  const ssl = tls ? { ssl: { ca, verifyIdentity: true } } : {};
  const open = (user: string, password: string) =>
    createConnection({ host, port, user, password, charset: 'utf8mb4', jsonStrings: true, ...ssl });
  const withAdministrator = async <T>(use: (run: RunStatements) => Promise<T>): Promise<T> => {
    const connection = await open(administrator.username, administrator.password);
    try {
      await connection.query("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'");
      return await use(async (...statements) => {
        let rows: unknown;
        for (const statement of statements) [rows] = await connection.query(statement);
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
      });
    } finally {
      await connection.end();
    }
  };
  const run: RunStatements = (...statements) => withAdministrator((each) => each(...statements));
  await run(`CREATE DATABASE ${database}`);
  const [row] = await run('SELECT VERSION() AS version');
  const furnishing = { run, database, hasRoles: Number.parseInt(String(row?.version), 10) >= 8 };
  const dropRoles = await makeRoles(furnishing);
  const rounds = new Map<string, number>();
  return {
    host,
    port,
    ca,
    database,
    engineName: 'mysql',
    administrator,
    async createUser(username, password) {
      made.add(username);
      const name = account(username, '%');
      await run(`CREATE USER ${name} IDENTIFIED BY ${literal(password)}`, `GRANT ALL ON ${database}.* TO ${name}`);
      // What a user needs who is to have two passwords and changes them itself; older servers know no such right.
      await run(`GRANT APPLICATION_PASSWORD_ADMIN ON *.* TO ${name}`).catch((error: { errno?: number }) => {
        if (error.errno !== 1064) throw error;
      });
    },
    async furnish(username) {
      const base = username.replace(/_clone$/, '');
      const round = rounds.get(base) ?? 0;
      rounds.set(base, round + 1);
      await furnish(furnishing, username, round);
    },
    rightsOf: (username) => withAdministrator((each) => rightsOf(each, username)),
    refusesUsername: (name) => refusesUsername(name),
    execute: (statement) => run(statement),
    async logsIn(username, password) {
      try {
        await (await open(username, password)).end();
        return true;
      } catch (error) {
        // A wrong password, or an account that is locked.
        if ([1045, 3118].includes((error as { errno?: number }).errno ?? 0)) return false;
        throw error;
      }
    },
    hasPassword: (username, password) =>
      withAdministrator(async (each) => {
        const bytes = Buffer.from(username, 'utf8').toString('hex');
        const hosts = await hostsOf(each, username);
        const rows = await each(`SELECT * FROM mysql.user WHERE CAST(User AS BINARY) IN (0x${bytes})`);
        return (
          hosts.length > 0 &&
          rows.every(({ plugin, authentication_string: first, User_attributes: attributes }) => {
            const { additional_password: second = '' } = JSON.parse(String(attributes ?? '{}'));
            const verifiers = [String(first ?? ''), String(second)].filter((verifier) => verifier !== '');
            return verifiers.some((verifier) => isPassword(String(plugin), verifier, password));
          })
        );
      }),
    // What somebody's server logs is not to be had.
    log: () => '',
    async stop() {
      const users = [...made].flatMap((name) => [name, `${name}_clone`]).map((name) => account(name, '%'));
      await run(...users.map((user) => `DROP USER IF EXISTS ${user}`), ...dropRoles, `DROP DATABASE ${database}`);
    },
  };
}

const certificatePath = '/keyturn/server.pem';
const keyPath = '/keyturn/server.key';

/** The vendor's image, with TLS. */
export const docker: DockerImage = {
  image: 'mysql:8.4',
  port: 3306,
  // It starts once without a network to make its users, with the port 0, and then for good.
  readyWhen: /ready for connections\. Version: .* port: 3306\b/,
  settings: ({ password, certificate }) => ({
    environment: { MYSQL_ROOT_PASSWORD: password },
    command: [`--ssl-cert=${certificatePath}`, `--ssl-key=${keyPath}`],
    files: [
      { target: certificatePath, content: certificate.certificate, mode: 0o444 },
      // The server does not run as root, whose the file is.
      { target: keyPath, content: certificate.key, mode: 0o444 },
    ],
  }),
  url: ({ host, port, password, ca }) =>
    `mysql://root:${encodeURIComponent(password)}@${host}:${port}?ca=${encodeURIComponent(ca)}`,
};
