import { createHash, randomBytes } from 'node:crypto';
import { type DatabaseService, givenService, type RunningService, type ServiceUrl } from '@keyturn/engine-conformance';
import { createConnection } from 'mysql2/promise';
import { account, type RunStatements } from './accounts.ts';
import { rightsOf } from './rights-of.ts';
import { refusesUsername } from './usernames.ts';
import { protocol } from './wire.ts';

/**
 * A MariaDB that somebody has: `mariadb://admin:password@host:3306?ca=/path`. Its user must be able to read the tables
 * of `mysql`, and to make databases and users; a database of a new name is made, and taken away in the end.
 */
export function fromUrl(url: string): DatabaseService {
  return givenService({ engine: 'mariadb', protocol, url, defaultPort: 3306, start: givenMariadb });
}

async function givenMariadb({ host, port, ca, tls, administrator }: ServiceUrl): Promise<RunningService> {
  const database = `keyturn_test_${randomBytes(5).toString('hex')}`;
  const made = new Set<string>();
  const ssl = tls ? { ssl: { ca, verifyIdentity: true } } : {};
  const open = (user: string, password: string) =>
    createConnection({ host, port, user, password, charset: 'utf8mb4', ...ssl });
  const withAdministrator = async <T>(use: (run: RunStatements) => Promise<T>): Promise<T> => {
    const connection = await open(administrator.username, administrator.password);
    try {
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

  return {
    host,
    port,
    ca,
    database,
    engineName: 'mariadb',
    administrator,
    async createUser(username, password) {
      made.add(username);
      await run(
        `CREATE USER ${account(username, '%')} IDENTIFIED BY PASSWORD '${hash(password)}'`,
        `GRANT ALL ON ${database}.* TO ${account(username, '%')}`,
      );
    },
    rightsOf: (username) => withAdministrator((each) => rightsOf(each, username)),
    refusesUsername,
    execute: (statement) => run(statement),
    async logsIn(username, password) {
      try {
        await (await open(username, password)).end();
        return true;
      } catch (error) {
        // A wrong password, or an account that is locked.
        if ([1045, 4151].includes((error as { errno?: number }).errno ?? 0)) return false;
        throw error;
      }
    },
    async hasPassword(username, password) {
      const bytes = Buffer.from(username, 'utf8').toString('hex');
      const rows = await run(`SELECT Priv AS priv FROM mysql.global_priv WHERE BINARY User = 0x${bytes}`);
      return rows.length > 0 && rows.every(({ priv }) => JSON.stringify(priv).includes(hash(password)));
    },
    // What somebody's server logs is not to be had.
    log: () => '',
    async stop() {
      const users = [...made].flatMap((name) => [name, `${name}_clone`]).map((name) => account(name, '%'));
      await run(...users.map((user) => `DROP USER IF EXISTS ${user}`), `DROP DATABASE ${database}`);
    },
  };
}

/** Written again here, so that a fault in the engine's own does not go unseen. */
function hash(password: string): string {
  const once = createHash('sha1').update(password).digest();
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`;
}
