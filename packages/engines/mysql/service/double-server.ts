import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { makeAuthority, type RunningService, type ServiceOptions } from '@keyturn/engine-conformance';
import { createConnection } from 'mysql2/promise';
import { hostsOf, type RunStatements } from './accounts.ts';
import { causesOf } from './causes.ts';
import { type Server, serve } from './double/connection.ts';
import { isPassword } from './double/credentials.ts';
import { Database } from './double/database.ts';
import { execute } from './double/execute.ts';
import { parse } from './double/parse.ts';
import { DoubleVersion } from './double/server-version.ts';
import { Session } from './double/session.ts';
import { furnish, furnishings, furnishNamed } from './furnish.ts';
import { account, literal } from './quoting.ts';
import { rightsOf } from './rights-of.ts';
import { refusesUsername } from './usernames.ts';

/** A running double, with what this engine's own tests need besides. */
export interface RunningDouble extends RunningService {
  readonly model: Database;
  /** Ends the connections of a user. */
  kill(username: string): void;
}

const administrator = 'keyturn master';
const database = 'app';

/** Starts a double of this version on a free port of 127.0.0.1, with the default accounts of a new server. */
export async function startDouble(version: string, options: ServiceOptions = {}): Promise<RunningDouble> {
  const model = new Database(new DoubleVersion(version));
  const authority = makeAuthority('Keyturn tests');
  const lines: string[] = [];
  const server: Server = {
    database: model,
    certificate: (options.tls ?? true) ? (options.certificate ?? authority.sign()) : undefined,
    sessions: new Map(),
    log: (line) => lines.push(line),
  };
  const sockets = new Set<Socket>();
  const faults: unknown[] = [];
  let id = 0;
  const listener = createServer({ noDelay: true }, (socket) => {
    id += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(server, socket, id).catch((error: unknown) => {
      faults.push(error);
      socket.destroy();
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const itself = new Session(model, 0, undefined);
  const run: RunStatements = async (...statements) => {
    let rows: readonly Record<string, unknown>[] = [];
    for (const statement of statements) {
      // In a mode of its own: a backslash is a backslash.
      const { statement: read } = parse(statement, { ansiQuotes: false, noBackslashEscapes: true }, model.version);
      rows = execute(itself, read)?.rows ?? [];
    }
    return rows.map((row) => ({ ...row }));
  };
  const password = randomBytes(18).toString('base64url');
  furnishings(model, database);
  await run(
    `CREATE USER ${account(administrator, '%')} IDENTIFIED BY '${password}'`,
    // What the engine's README asks for, and nothing else, with what the tests' users are given on.
    `GRANT CREATE USER ON *.* TO ${account(administrator, '%')}`,
    `GRANT SELECT ON mysql.* TO ${account(administrator, '%')}`,
    ...administratorsRights(model, database),
  );
  const tls = server.certificate !== undefined;
  return {
    host: 'localhost',
    port,
    ca: authority.certificate,
    database,
    engineName: 'mysql',
    administrator: { username: administrator, password },
    model,
    kill: (username) => {
      for (const session of server.sessions.values()) if (session.user === username) session.end();
    },
    async createUser(username, secret) {
      const name = account(username, '%');
      await run(`CREATE USER ${name} IDENTIFIED BY ${literal(secret)}`, `GRANT ALL ON ${database}.* TO ${name}`);
      // What a user needs who is to have two passwords and changes them itself.
      if (model.version.isAtLeast('8.0.14')) await run(`GRANT APPLICATION_PASSWORD_ADMIN ON *.* TO ${name}`);
    },
    furnish: (username) => furnish(run, model, database, username),
    rightsOf: (username) => rightsOf(run, username),
    furnishNamed: (username, name) => furnishNamed(run, model, username, name),
    refusesUsername: (name) => refusesUsername(name),
    refusedLogins: (username) => Promise.resolve(model.refused.get(username) ?? 0),
    causes: causesOf(run, model, (username) => {
      for (const session of server.sessions.values()) if (session.user === username) session.end();
    }),
    execute: (statement) => run(statement),
    async logsIn(username, secret) {
      try {
        const ssl = tls ? { ssl: { ca: authority.certificate, verifyIdentity: true } } : {};
        const login = { host: 'localhost', port, user: username, password: secret, charset: 'utf8mb4', ...ssl };
        await (await createConnection(login)).end();
        return true;
      } catch (error) {
        // A wrong password, or an account that is locked.
        if ([1045, 3118].includes((error as { errno?: number }).errno ?? 0)) return false;
        throw error;
      }
    },
    async hasPassword(username, secret) {
      const hosts = await hostsOf(run, username);
      return (
        hosts.length > 0 &&
        hosts.every((host) => {
          const found = model.find({ user: username, host });
          const verifiers = [found?.verifier ?? '', found?.secondVerifier ?? ''].filter((one) => one !== '');
          return verifiers.some((verifier) => isPassword(found?.plugin ?? '', verifier, secret));
        })
      );
    },
    log: () => lines.join('\n'),
    async stop() {
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      if (faults.length > 0) throw new AggregateError(faults, 'the double has failed');
    },
  };
}

function administratorsRights(model: Database, name: string): readonly string[] {
  const master = account(administrator, '%');
  return [
    `GRANT PROCESS, SHOW DATABASES ON *.* TO ${master} WITH GRANT OPTION`,
    `GRANT ALL ON \`${name}%\`.* TO ${master} WITH GRANT OPTION`,
    `GRANT PROXY ON 'keyturn_proxied'@'localhost' TO ${master} WITH GRANT OPTION`,
    ...(model.version.hasRoles
      ? [
          `GRANT keyturn_readers, keyturn_writers TO ${master} WITH ADMIN OPTION`,
          `GRANT CONNECTION_ADMIN, SESSION_VARIABLES_ADMIN, APPLICATION_PASSWORD_ADMIN ON *.* TO ${master} WITH GRANT OPTION`,
        ]
      : []),
  ];
}
