import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { makeAuthority, type ServerCertificate, type ServiceOptions } from '@keyturn/engine-conformance';
import { authenticate, LoginRefused, type RefusedLogins } from './authenticate.ts';
import { database, initialState, saId } from './model/initial-state.ts';
import type { ServerState } from './model/server-state.ts';
import type { Identity } from './model/session.ts';
import { SqlError } from './model/sql-error.ts';
import { RunningSqlServer } from './running-sqlserver.ts';
import { ServerCore } from './server-core.ts';
import { SqlSession } from './sql/sql-session.ts';
import { TdsConnection } from './tds/tds-connection.ts';

/** How a server differs from one of every day. */
export interface SqlServerDoubleOptions extends ServiceOptions {
  /** Whether a login without TLS is refused. @default false */
  readonly requiresTls?: boolean;
}

/** What tests see of the server besides what every service has. */
export interface DoubleParts {
  readonly core: ServerCore;
  readonly port: number;
  readonly ca: string;
  readonly saPassword: string;
  readonly refused: RefusedLogins;
  /** Texts of all batches that clients have sent, with who sent them. */
  readonly batches: { readonly login: string; readonly sql: string }[];
  readonly lines: string[];
  /** With this, every login is answered. */
  readonly refuseWith: { number: number | undefined };
  stop(): Promise<void>;
}

/** A password that every policy takes, and that can be told from chance. */
export function randomPassword(): string {
  return `${randomBytes(18).toString('base64url')}aA1`;
}

/** Starts a double of SQL Server on a free loopback port. */
export async function startSqlServer({
  tls = true,
  certificate,
  requiresTls = false,
}: SqlServerDoubleOptions = {}): Promise<RunningSqlServer> {
  const authority = makeAuthority('Keyturn SQL Server');
  const shown: ServerCertificate | undefined = tls ? (certificate ?? authority.sign()) : undefined;
  const saPassword = randomPassword();
  const state: ServerState = initialState(saPassword);
  state.databases.push(database(state, 'app', '0x01'));
  state.databases.push(database(state, 'contained', '0x01', { contained: true }));
  const core = new ServerCore(state);
  const connections = new Set<TdsConnection>();
  const refused: RefusedLogins = new Map();
  const batches: DoubleParts['batches'] = [];
  const lines: string[] = [];
  const refuseWith: DoubleParts['refuseWith'] = { number: undefined };

  const server = createServer((socket: Socket) => {
    const connection = new TdsConnection(socket, {
      certificate: shown,
      requiresTls,
      logIn: (login) => {
        const { number } = refuseWith;
        if (number !== undefined) throw new LoginRefused(new SqlError(number, 'The server refuses the login.', 14));
        const found = authenticate(core, login, refused);
        return { ...found, session: new SqlSession(core, found.identity, found.databaseId) };
      },
      log: (line) => lines.push(line),
      ran: (session, sql) => {
        batches.push({ login: nameOf(session), sql });
        lines.push(`SQL:BatchStarting ${masked(sql)}`);
      },
    });
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server got no port');
  const running = new RunningSqlServer({
    core,
    port: address.port,
    ca: authority.certificate,
    saPassword,
    refused,
    batches,
    lines,
    refuseWith,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.destroy();
      await closed;
    },
  });
  await running.createAdministrator();
  return running;
}

/** The id of sa, for sessions that tests open inside. */
export const administratorIdentity: Identity = { kind: 'login', loginId: saId };

function nameOf({ state, identity }: SqlSession): string {
  return identity.kind === 'login'
    ? (state.principals.find(({ id }) => id === identity.loginId)?.name ?? '')
    : 'contained user';
}

/** As the server's traces: a batch that begins with a statement that sets a password is shown without it. */
function masked(sql: string): string {
  const sets = /^\s*(CREATE|ALTER)\s+(LOGIN|USER)\b/i.exec(sql);
  return sets !== null && /\bPASSWORD\b/i.test(sql) ? `*${sets[0].trim().toUpperCase()}${'-'.repeat(20)}` : sql;
}
