import type { Socket } from 'node:net';
import type { ServerCertificate } from '@keyturn/engine-conformance';
import type { Database } from './database.ts';
import { execute } from './execute.ts';
import { refuse, ServerFailure } from './failure.ts';
import { accountFor, checkAccount, provesPassword, readIntroduction } from './login.ts';
import {
  capabilities,
  errorPacket,
  greetingPacket,
  newChallenge,
  okPacket,
  PacketStream,
  WrongBytes,
  writeResult,
} from './packets.ts';
import { parse } from './parse.ts';
import { Session } from './session.ts';

/** What connections of one server share. */
export interface Server {
  readonly database: Database;
  readonly certificate: ServerCertificate | undefined;
  /** Sessions that are open, by their numbers. */
  readonly sessions: Map<number, { readonly user: string; end(): void }>;
  /** Every statement of a client as the log shows it, with an error's number. */
  log(line: string): void;
}

/** Talks to one client until it goes, or does what no client does. */
export async function serve(server: Server, socket: Socket, id: number): Promise<void> {
  const { database } = server;
  let packets = new PacketStream(socket);
  const challenge = newChallenge();
  const fail = (error: unknown): void => {
    if (error instanceof ServerFailure) packets.write(errorPacket(error));
    else if (error instanceof WrongBytes) packets.write(errorPacket(new ServerFailure(1043, 'Bad handshake')));
    else throw error;
  };
  try {
    if (server.sessions.size >= database.settings.maxConnections) refuse(1040, 'Too many connections');
    packets.write(
      greetingPacket(
        database.version.text,
        id,
        challenge,
        database.version.plugins[0] ?? '',
        server.certificate !== undefined,
      ),
    );
    let bytes = await packets.read();
    if (bytes === undefined) return;
    const encrypted = bytes.length === 32 && (bytes.readUInt32LE(0) & capabilities.tls) !== 0;
    if (encrypted) {
      if (server.certificate === undefined) throw new WrongBytes('TLS that was not offered');
      const { certificate: cert, key } = server.certificate;
      packets = packets.secure({ cert, key });
      bytes = await packets.read();
      if (bytes === undefined) return;
    }
    const session = await logIn(server, packets, bytes, { encrypted, challenge, id });
    server.sessions.set(id, { user: session.name?.user ?? '', end: () => socket.destroy() });
    packets.write(okPacket());
    for (;;) {
      packets.restart();
      const command = await packets.read();
      if (command === undefined || command[0] === 0x01) return;
      try {
        await answer(server, session, packets, command);
      } catch (error) {
        fail(error);
      }
    }
  } catch (error) {
    fail(error);
  } finally {
    server.sessions.delete(id);
    packets.end();
  }
}

interface Circumstances {
  readonly encrypted: boolean;
  readonly challenge: Buffer;
  readonly id: number;
}

async function logIn(
  { database, sessions }: Server,
  packets: PacketStream,
  bytes: Buffer,
  { encrypted, challenge, id }: Circumstances,
): Promise<Session> {
  const introduction = readIntroduction(bytes);
  const { user } = introduction;
  if (database.settings.requireSecureTransport && !encrypted) {
    refuse(3159, 'Connections using insecure transport are prohibited while --require_secure_transport=ON.');
  }
  const account = accountFor(database, user);
  const denied = (): never => refuse(1045, `Access denied for user '${user}'@'localhost' (using password: YES)`);
  if (account === undefined) return denied();
  const limit = account.failedLoginAttempts;
  const blocked = (): boolean => limit > 0 && account.passwordLockDays !== 0 && account.refusedInARow >= limit;
  const block = (): never => refuse(3955, `Access denied for user '${user}'@'${account.host}'. Account is blocked`);
  const proven = await provesPassword({ database, packets, encrypted, challenge, introduction }, account);
  if (blocked()) block();
  if (!proven) {
    account.refusedInARow += 1;
    database.refused.set(user, (database.refused.get(user) ?? 0) + 1);
    if (blocked()) block();
    denied();
  }
  account.refusedInARow = 0;
  checkAccount(database, account, encrypted, introduction);
  const most = account.limits.MAX_USER_CONNECTIONS;
  if (most > 0 && [...sessions.values()].filter((one) => one.user === user).length >= most) {
    refuse(1226, `User '${user}' has exceeded the 'max_user_connections' resource (current value: ${most})`);
  }
  return new Session(database, id, account);
}

async function answer(server: Server, session: Session, packets: PacketStream, command: Buffer): Promise<void> {
  const code = command[0] ?? -1;
  if (code === 0x0e) return packets.write(okPacket());
  if (code !== 0x03) refuse(1047, 'Unknown command');
  const mode = {
    ansiQuotes: session.sqlMode.has('ANSI_QUOTES'),
    noBackslashEscapes: session.sqlMode.has('NO_BACKSLASH_ESCAPES'),
  };
  // What is no statement is not logged: nobody knows where a password stands in it.
  const { statement, logged } = parse(command.toString('utf8', 1), mode, server.database.version);
  server.log(`${session.id}\tQuery\t${logged}`);
  if (statement.kind === 'sleep') {
    // Until somebody ends the connection.
    await packets.read();
    return;
  }
  const result = execute(session, statement);
  if (result === undefined) packets.write(okPacket());
  else writeResult(packets, result);
}
