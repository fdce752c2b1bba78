import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import type { ServerCertificate } from '@keyturn/engine-conformance';
import { type Authenticated, LoginRefused } from '../authenticate.ts';
import { SqlError } from '../model/sql-error.ts';
import type { Happened, SqlSession } from '../sql/sql-session.ts';
import { type ClientLogin, readLogin7 } from './login7.ts';
import { type ClientPacketMessage, clientType, MessageReader, ProtocolFault, serverMessage } from './message-reader.ts';
import { encryption, encryptionAsked, preloginAnswer } from './prelogin.ts';
import { type BatchRequest, readBatch, readExecuteSql } from './requests.ts';
import { HandshakeInPackets } from './tls-in-packets.ts';
import { tokens } from './tokens.ts';

/** What a connection asks of its server. */
export interface ConnectionHost {
  /** Undefined: no TLS is offered. */
  readonly certificate: ServerCertificate | undefined;
  /** Whether a login without TLS is refused. */
  readonly requiresTls: boolean;
  /** @throws LoginRefused */
  logIn(login: ClientLogin): { readonly session: SqlSession } & Authenticated;
  log(line: string): void;
  /** Called with the text of every batch, before it is run. */
  ran(session: SqlSession, sql: string): void;
}

/** A client's connection, from its PRELOGIN to its end. */
export class TdsConnection {
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #reader = new MessageReader();
  #channel: Duplex;
  #phase: 'prelogin' | 'login' | 'requests' | 'over' = 'prelogin';
  #session: SqlSession | undefined;
  #packetBytes = 4096;
  #work: Promise<void> = Promise.resolve();

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.#channel = socket;
    socket.setNoDelay(true);
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
    socket.on('data', this.#onData);
  }

  /** Ends the connection, and the transaction that is open on it. */
  destroy(): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#channel.destroy();
    this.#socket.destroy();
    // A batch that runs comes to its end first.
    this.#work = this.#work.then(() => this.#session?.end());
  }

  readonly #onData = (bytes: Buffer): void => {
    let messages: readonly ClientPacketMessage[];
    try {
      messages = this.#reader.read(bytes);
      if (this.#phase === 'prelogin' && messages.length > 0 && this.#reader.isInMessage) {
        throw new ProtocolFault('more than a PRELOGIN before its answer');
      }
    } catch (error) {
      this.#fault(error);
      return;
    }
    for (const message of messages) {
      this.#work = this.#work.then(() => this.#handle(message)).catch((error: unknown) => this.#fault(error));
    }
  };

  #fault(error: unknown): void {
    const what = error instanceof Error ? error.message : String(error);
    this.#host.log(`${error instanceof ProtocolFault ? 'Error: 17836' : 'Error: 0, defect'}. ${what}`);
    this.destroy();
  }

  async #handle({ type, payload }: ClientPacketMessage): Promise<void> {
    if (this.#phase === 'over') return;
    if (this.#phase === 'prelogin') {
      if (type !== clientType.prelogin) throw new ProtocolFault('a connection that does not begin with PRELOGIN');
      this.#greet(payload);
    } else if (this.#phase === 'login') {
      if (type !== clientType.login) throw new ProtocolFault('something else than a login after PRELOGIN');
      this.#logIn(payload);
    } else {
      await this.#serve(type, payload);
    }
  }

  #greet(payload: Buffer): void {
    const asked = encryptionAsked(payload);
    const { certificate, requiresTls } = this.#host;
    const wants = asked === encryption.on || asked === encryption.required;
    const answer =
      certificate === undefined
        ? encryption.notSupported
        : requiresTls && !wants
          ? encryption.required
          : wants
            ? encryption.on
            : encryption.notSupported;
    this.#socket.write(serverMessage(preloginAnswer(answer)));
    this.#phase = 'login';
    if (certificate !== undefined && wants) this.#startTls(certificate);
    else if (answer === encryption.required) this.#socket.end();
  }

  #startTls({ certificate, key }: ServerCertificate): void {
    this.#socket.off('data', this.#onData);
    const packed = new HandshakeInPackets(this.#socket);
    const secure = new tls.TLSSocket(packed, { isServer: true, cert: certificate, key, maxVersion: 'TLSv1.2' });
    secure.on('error', () => this.destroy());
    secure.on('close', () => this.destroy());
    secure.on('data', this.#onData);
    this.#channel = secure;
  }

  #logIn(payload: Buffer): void {
    const login = readLogin7(payload);
    this.#packetBytes = Math.min(Math.max(login.packetBytes, 512), 32_767);
    try {
      const { session } = this.#host.logIn(login);
      this.#session = session;
      this.#phase = 'requests';
      this.#send([
        tokens.databaseChange(databaseOf(session), 'master'),
        tokens.loginAck(),
        tokens.packetSize(this.#packetBytes),
        tokens.done({}),
      ]);
    } catch (error) {
      if (!(error instanceof LoginRefused)) throw error;
      for (const each of error.errors)
        this.#host.log(`Error: ${each.number}, Severity: ${each.severity}. ${each.message}`);
      this.#send([...error.errors.map(errorToken), tokens.done({ failed: true })]);
      this.#channel.end();
    }
  }

  async #serve(type: number, payload: Buffer): Promise<void> {
    const session = this.#session;
    if (session === undefined) throw new ProtocolFault('a request without a session');
    if (type !== clientType.batch && type !== clientType.rpc) throw new ProtocolFault('a request that is no batch');
    const { sql, transaction }: BatchRequest = type === clientType.batch ? readBatch(payload) : readExecuteSql(payload);
    if (transaction !== session.transaction) {
      const error = new SqlError(
        3989,
        'New request is not allowed to start because it should come with valid transaction descriptor.',
      );
      this.#send([errorToken(error), tokens.done({ failed: true })]);
      return;
    }
    this.#host.ran(session, sql);
    const happened = await session.run(sql);
    for (const each of happened) {
      if (each.kind === 'error')
        this.#host.log(`Error: ${each.error.number}, Severity: ${each.error.severity}. ${each.error.message}`);
    }
    this.#send(
      happened.length === 0
        ? [tokens.done({})]
        : happened.flatMap((each, index) => answer(each, index < happened.length - 1)),
    );
  }

  #send(parts: readonly Buffer[]): void {
    if (!this.#channel.destroyed) this.#channel.write(serverMessage(Buffer.concat(parts), this.#packetBytes));
  }
}

function databaseOf(session: SqlSession): string {
  return session.state.databases.find(({ id }) => id === session.databaseId)?.name ?? '';
}

function errorToken({ number, state, severity, message, line }: SqlError): Buffer {
  return tokens.error(number, state, severity, message, line);
}

function answer(happened: Happened, more: boolean): readonly Buffer[] {
  switch (happened.kind) {
    case 'rows':
      return [tokens.resultSet(happened.result), tokens.done({ more, rows: happened.result.rows.length })];
    case 'done':
      return [tokens.done({ more })];
    case 'database':
      return [tokens.databaseChange(happened.to, happened.from), tokens.done({ more })];
    case 'error':
      return [errorToken(happened.error), tokens.done({ more, failed: true })];
    default:
      return [tokens.transaction(happened.kind, happened.transaction), tokens.done({ more })];
  }
}
