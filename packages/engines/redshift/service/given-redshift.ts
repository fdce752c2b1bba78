import { createHash, randomBytes } from 'node:crypto';
import { type DatabaseService, givenService, type RunningService, type ServiceUrl } from '@keyturn/engine-conformance';
import { protocol } from '@keyturn/service-postgres';
import pg from 'pg';
import { furnish, identifier, leaveRoom, makeRoom, type Run, rightsOf } from './given-rights.ts';

/**
 * A Redshift that somebody has, a cluster or a workgroup: `redshift://awsuser:password@host:5439/dev?ca=/path`. Its user
 * must be a superuser: only those make groups. A schema, groups and users of new names are made, and dropped in the end.
 */
export function fromUrl(url: string): DatabaseService {
  return givenService({ engine: 'redshift', protocol, url, defaultPort: 5439, start: givenRedshift });
}

async function givenRedshift(given: ServiceUrl): Promise<RunningService> {
  const { host, port, ca, tls, administrator, database = 'dev' } = given;
  const mark = `keyturn_test_${randomBytes(5).toString('hex')}`;
  const room = { schema: mark, readers: `${mark}_readers`, writers: `${mark}_writers` };
  const made = new Set<string>();
  const rounds = new Map<string, number>();
  const clientFor = (user: string, password: string) =>
    new pg.Client({ host, port, user, password, database, ssl: tls && { ca } });
  const run: Run = async (...statements) => {
    const client = clientFor(administrator.username, administrator.password);
    await client.connect();
    try {
      // Else names are read in lower case, whatever quotes stand around them.
      await client.query('SET enable_case_sensitive_identifier TO true');
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    } finally {
      await client.end();
    }
  };
  const logsIn = async (username: string, password: string) => {
    const client = clientFor(username, password);
    try {
      await client.connect();
      return true;
    } catch (error) {
      // A wrong password, in the old server's words and in a later one's.
      if (['28000', '28P01'].includes((error as { code?: string }).code ?? '')) return false;
      throw error;
    } finally {
      await client.end();
    }
  };
  await makeRoom(run, room);
  return {
    host,
    port,
    ca,
    administrator,
    database,
    engineName: 'redshift',
    async createUser(username, password) {
      made.add(username);
      const digest = createHash('md5')
        .update(password + username)
        .digest('hex');
      await run(`CREATE USER ${identifier(username)} PASSWORD 'md5${digest}'`);
    },
    async furnish(username) {
      const base = username.replace(/_clone$/, '');
      const round = rounds.get(base) ?? 0;
      rounds.set(base, round + 1);
      await furnish(run, room, username, round);
    },
    rightsOf: (username) => rightsOf(run, room, username),
    refusesUsername(name) {
      if (/\p{C}/u.test(name)) return 'a name consists of printable characters';
      return /^(public|rdsdb)$/i.test(name) || /^(group|role|ds|pg_)/.test(name) ? 'the name is reserved' : undefined;
    },
    execute: (statement) => run(statement),
    logsIn,
    // Nobody is shown what the server keeps of passwords, and it locks nobody out.
    hasPassword: logsIn,
    // What somebody's server logs is not to be had.
    log: () => '',
    async stop() {
      await leaveRoom(run, room);
      // What the suite's twins are called, and the groups that show whose twins they are.
      const names = new Set([...made].flatMap((name) => [name, `${name}_clone`]));
      const marks = new Set([...made].map((name) => `keyturn_${name}`));
      const users = await run('SELECT usename FROM pg_catalog.pg_user');
      const groups = await run('SELECT groname FROM pg_catalog.pg_group');
      await run(
        ...users.flatMap(({ usename }) =>
          names.has(String(usename)) ? [`DROP USER ${identifier(String(usename))}`] : [],
        ),
        ...groups.flatMap(({ groname }) =>
          marks.has(String(groname)) ? [`DROP GROUP ${identifier(String(groname))}`] : [],
        ),
      );
    },
  };
}
