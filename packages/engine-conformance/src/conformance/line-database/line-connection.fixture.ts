import type { Socket } from 'node:net';
import * as tls from 'node:tls';
import { causeOfSocketError, dial, errorOf, Lifeline, secureSocket, type Where } from '@keyturn/connection';
import { type ConnectLimits, endpointOf, type Login, RotationError } from '@keyturn/core';
import type { Defect } from './defects.fixture.ts';

/** The longest line that a server may send: what is longer is none. */
const longestLine = 1_000_000;

/** A connection that is logged in. */
export class LineConnection {
  readonly #socket: Socket;
  readonly #lifeline: Lifeline;
  readonly where: Where;
  readonly #lines: Lines;

  private constructor(socket: Socket, lifeline: Lifeline, where: Where) {
    this.#socket = socket;
    this.#lifeline = lifeline;
    this.where = where;
    this.#lines = new Lines(socket);
  }

  static async open(login: Login, limits: ConnectLimits, has: (defect: Defect) => boolean): Promise<LineConnection> {
    const where = { endpoint: endpointOf(login), user: login.username };
    const patience = has('has no time limit') ? 1_000_000_000 : limits.connectTimeoutMs;
    const signal = has('ignores the signal') ? new AbortController().signal : limits.signal;
    const lifeline = new Lifeline(where, { connectTimeoutMs: patience, signal });
    let activity: 'connect' | 'tls' | 'login' = 'connect';
    try {
      const socket = await lifeline.during('a connection', () => dial(login, lifeline));
      activity = 'tls';
      const stream = await lifeline.during('TLS', () => startTls(socket, login, where, has));
      lifeline.holds(stream);
      activity = 'login';
      const connection = new LineConnection(stream, lifeline, where);
      const { username: user, password } = login;
      const hello = `HELLO ${JSON.stringify({ user, password: password.reveal() })}`;
      const answer = await lifeline.during('the login', () => connection.#lines.ask(hello));
      if (answer === 'REFUSED') {
        const code = has('takes a wrong password for a lost connection') ? 'connection-lost' : 'login-failed';
        throw errorOf({ code, message: 'the server refuses the login' }, where);
      }
      if (answer !== 'WELCOME') throw errorOf({ code: 'connection-refused', message: 'this is another server' }, where);
      lifeline.loggedIn();
      return connection;
    } catch (error) {
      lifeline.abandon();
      throw error instanceof RotationError ? error : errorOf(causeOfSocketError(error, activity), where);
    }
  }

  /** @throws RotationError; Error with the server's word where it refuses */
  async run(statements: string): Promise<readonly string[]> {
    let answer: string;
    try {
      answer = await this.#lifeline.during('an answer', () => this.#lines.ask(`DO ${JSON.stringify(statements)}`));
    } catch (error) {
      throw error instanceof RotationError ? error : errorOf(causeOfSocketError(error, 'statement'), this.where);
    }
    if (answer.startsWith('DONE ')) return JSON.parse(answer.slice(5));
    throw new RotationError(answer === 'FAILED no-right' ? 'missing-privilege' : 'statement-failed', {
      message: 'the server refuses the statement',
      ...this.where,
    });
  }

  close(): void {
    this.#lifeline.release();
    if (!this.#socket.destroyed) this.#socket.end('BYE\n');
    this.#socket.destroySoon();
  }
}

async function startTls(socket: Socket, login: Login, where: Where, has: (defect: Defect) => boolean): Promise<Socket> {
  if (login.tls === false) return socket;
  const options = has('verifies no certificate')
    ? { ...login.tls, rejectUnauthorized: false }
    : has('checks no host name')
      ? { ...login.tls, checkServerIdentity: () => undefined }
      : login.tls;
  socket.write('STARTTLS\n');
  const answer = await new Promise<Buffer>((resolve, reject) => {
    socket
      .once('data', resolve)
      .once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
  if (answer.length !== 1) throw errorOf({ code: 'connection-refused', message: 'this is another server' }, where);
  if (answer.toString() !== 'S') {
    if (has('falls back to plaintext')) return socket;
    throw errorOf({ code: 'tls-not-offered', message: 'the server offers no TLS' }, where);
  }
  if (!has('verifies no certificate')) return secureSocket(socket, options);
  const secure = tls.connect({ ...options, socket });
  secure.on('error', () => secure.destroy());
  return secure;
}

/** One line asked, one answered. */
class Lines {
  readonly #socket: Socket;
  #unread = '';
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#unread += bytes.toString('utf8');
      if (this.#unread.length > longestLine) socket.destroy();
      this.#wake();
    });
    socket.on('error', () => socket.destroy()).on('close', () => this.#wake());
  }

  async ask(line: string): Promise<string> {
    if (!this.#socket.destroyed) this.#socket.write(`${line}\n`);
    for (;;) {
      const end = this.#unread.indexOf('\n');
      if (end !== -1) {
        const answer = this.#unread.slice(0, end);
        this.#unread = this.#unread.slice(end + 1);
        return answer;
      }
      if (this.#socket.destroyed) throw Object.assign(new Error('closed'), { code: 'ECONNRESET' });
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }
}
