import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import type pg from 'pg';
import { challengeFor } from './login.ts';
import { authenticationRequest, errorResponse, int32, message, parameterStatus, readyForQuery } from './messages.ts';
import { Reader } from './reader.ts';
import { ServerError } from './server-error.ts';
import { Session } from './session.ts';

/** What the listener gives its connections. */
export interface Front {
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** require_ssl: nobody logs in without TLS. */
  readonly requiresTls: boolean;
  /** What the server keeps of a user; undefined where there is none. */
  userOf(name: string): Promise<KeptUser | undefined>;
  hasDatabase(name: string): Promise<boolean>;
  /** A session of a superuser of the PostgreSQL below. */
  openBelow(database: string): Promise<pg.Client>;
  /** Takes such a session back, in whatever state it is. */
  release(below: pg.Client, database: string): Promise<void>;
  /** Takes a place among the user's sessions; false where its limit is reached. */
  enter(user: KeptUser): boolean;
  leave(name: string): void;
  log(line: string): void;
}

export interface KeptUser {
  readonly name: string;
  readonly isSuper: boolean;
  readonly digest: string | null;
  readonly isNologin: boolean;
  readonly isExpired: boolean;
  /** -1: none. */
  readonly connectionLimit: number;
  readonly settings: readonly string[];
}

const sslRequest = 80_877_103;
const refused = (name: string) =>
  new ServerError('28000', `password authentication failed for user "${name}"`, 'auth_failed');

/** Serves one client, from its first byte to its last. */
export async function serve(socket: Socket, front: Front): Promise<void> {
  const opened = await openStream(socket, front);
  if (opened === undefined) return void socket.destroy();
  const { stream, reader, secure, startup } = opened;
  try {
    await serveUser(stream, reader, secure, startup, front);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    front.log(`FATAL: ${error.message}`);
    stream.write(errorResponse(error, 'FATAL'));
  } finally {
    stream.end();
  }
}

interface Opened {
  readonly stream: Duplex;
  readonly reader: Reader;
  readonly secure: boolean;
  readonly startup: ReadonlyMap<string, string>;
}

async function openStream(socket: Socket, front: Front): Promise<Opened | undefined> {
  const reader = new Reader(socket);
  const first = await readStartup(reader);
  if (first === undefined) return undefined;
  if (first.code !== sslRequest) return withStartup(socket, reader, false, first);
  socket.write(front.tls === undefined ? 'N' : 'S');
  if (front.tls === undefined) {
    const plain = await readStartup(reader);
    return plain === undefined ? undefined : withStartup(socket, reader, false, plain);
  }
  const secure = new tls.TLSSocket(socket, { isServer: true, ...front.tls });
  secure.on('error', () => socket.destroy());
  const inside = new Reader(secure);
  const startup = await readStartup(inside);
  return startup === undefined ? undefined : withStartup(secure, inside, true, startup);
}

interface Startup {
  readonly code: number;
  readonly body: Buffer;
}

async function readStartup(reader: Reader): Promise<Startup | undefined> {
  const head = await reader.take(8);
  if (head === undefined) return undefined;
  const length = head.readInt32BE(0) - 8;
  if (length < 0 || length > 10_000) return undefined;
  const body = await reader.take(length);
  return body === undefined ? undefined : { code: head.readInt32BE(4), body };
}

function withStartup(stream: Duplex, reader: Reader, secure: boolean, { code, body }: Startup): Opened | undefined {
  // Protocol 3.0, and no other.
  if (code !== 0x0003_0000) return undefined;
  const parts = body.toString('utf8').split('\0');
  const startup = new Map<string, string>();
  for (let at = 0; at + 1 < parts.length; at += 2) startup.set(parts[at] ?? '', parts[at + 1] ?? '');
  return { stream, reader, secure, startup };
}

async function serveUser(
  stream: Duplex,
  reader: Reader,
  secure: boolean,
  startup: ReadonlyMap<string, string>,
  front: Front,
): Promise<void> {
  const name = startup.get('user') ?? '';
  const database = startup.get('database') ?? name;
  if (!secure && front.requiresTls) {
    throw new ServerError(
      '28000',
      `no pg_hba.conf entry for host "127.0.0.1", user "${name}", SSL off`,
      'ClientAuthentication',
    );
  }
  const user = await authenticate(stream, reader, name, front);
  if (user === undefined) return;
  if (!(await front.hasDatabase(database))) {
    throw new ServerError('3D000', `database "${database}" does not exist`, 'InitPostgres');
  }
  if (!front.enter(user))
    throw new ServerError('53300', `too many connections for user "${name}"`, 'InitializeSessionUserId');
  const below = await front.openBelow(database);
  try {
    const session = await Session.start(below, user, user.settings);
    front.log(`connection authorized: user=${name} database=${database}`);
    stream.write(
      Buffer.concat([authenticationRequest(0), ...parameters(), message('K', int32(1), int32(1)), readyForQuery('I')]),
    );
    await converse(stream, reader, session, front, name);
  } finally {
    front.leave(name);
    await front.release(below, database);
  }
}

function parameters(): readonly Buffer[] {
  const all = {
    server_version: '8.0.2',
    server_encoding: 'UNICODE',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    padb_version: '1.0.71629',
  };
  return Object.entries(all).map(([name, value]) => parameterStatus(name, value));
}

/** @returns undefined for a client that leaves */
async function authenticate(stream: Duplex, reader: Reader, name: string, front: Front): Promise<KeptUser | undefined> {
  const user = await front.userOf(name);
  const challenge = challengeFor(user?.digest ?? null, name);
  stream.write(challenge.request);
  const answer = await reader.message();
  if (answer === undefined) return undefined;
  if (answer.type !== challenge.answeredBy) {
    throw new ServerError(
      '08P01',
      `expected password response, got message type ${answer.type.charCodeAt(0)}`,
      'recv_password_packet',
    );
  }
  const proves = challenge.proves(answer.body);
  if (user === undefined || user.digest === null || !proves || user.isExpired) throw refused(name);
  if (user.isNologin)
    throw new ServerError('28000', `user "${name}" is not permitted to log in`, 'InitializeSessionUserId');
  return user;
}

async function converse(stream: Duplex, reader: Reader, session: Session, front: Front, name: string): Promise<void> {
  for (;;) {
    const received = await reader.message();
    if (received === undefined || received.type === 'X') return;
    if (received.type !== 'Q' || received.body.at(-1) !== 0) {
      throw new ServerError('08P01', `invalid frontend message type ${received.type.charCodeAt(0)}`, 'SocketBackend');
    }
    const sql = received.body.toString('utf8', 0, received.body.length - 1);
    front.log(`user=${name} statement: ${sql}`);
    stream.write(await session.query(sql));
  }
}
