import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { type Authority, makeAuthority } from './certificates.ts';
import type { ServerCertificate } from './service.ts';
import type { ClientMessage, WireProtocol } from './wire-protocol.ts';

/** A protocol of lines: STARTTLS, HELLO name, DO something, BYE. */
export const lines = (serverAnswersStartTls: boolean): WireProtocol => ({
  open: () => ({
    serverAnswersStartTls,
    beforeTls(bytes) {
      if (!bytes.includes('\n')) return undefined;
      return bytes.toString().startsWith('STARTTLS\n')
        ? { length: 9, startsTls: true }
        : { length: 0, startsTls: false };
    },
    nextClientMessage(bytes): ClientMessage | undefined {
      const end = bytes.indexOf('\n');
      if (end === -1) return undefined;
      const [verb = '', rest = ''] = bytes.toString('utf8', 0, end).split(' ');
      if (verb === 'HELLO') return { length: end + 1, kind: 'login', user: rest };
      return verb === 'DO' ? { length: end + 1, kind: 'statement', text: rest } : { length: end + 1, kind: 'other' };
    },
    readServer: (bytes) =>
      bytes.includes('WELCOME') ? 'logged-in' : bytes.includes('REFUSED') ? 'refused' : undefined,
  }),
});

export const authority: Authority = makeAuthority('Tap tests');
export const certificate: ServerCertificate = authority.sign();

/** A server of that protocol. What it has done is in `done`; `gone` counts the connections that ended. */
export class LineServer {
  readonly done: string[] = [];
  gone = 0;
  readonly #server: Server;

  constructor(answersStartTls: boolean) {
    this.#server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.gone += 1;
      });
      socket.once('data', (bytes: Buffer) => {
        if (!bytes.toString().startsWith('STARTTLS\n')) return this.#serve(socket, bytes);
        socket.pause();
        // A client that waits for no answer has begun its handshake already.
        socket.unshift(bytes.subarray(9));
        if (answersStartTls) socket.write('S');
        const secure = new tls.TLSSocket(socket, {
          isServer: true,
          cert: certificate.certificate,
          key: certificate.key,
        });
        secure.on('error', () => {});
        this.#serve(secure);
      });
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as { port: number }).port;
  }

  close(): void {
    this.#server.close();
  }

  #serve(socket: Socket, first?: Buffer): void {
    const take = (bytes: Buffer) => {
      for (const line of bytes.toString().split('\n').filter(Boolean)) {
        this.done.push(line);
        if (line.startsWith('HELLO')) socket.write(line.endsWith('nobody') ? 'REFUSED\n' : 'WELCOME\n');
        if (line.startsWith('DO')) socket.write(`DONE ${line}\n`);
        if (line === 'BYE') socket.end();
      }
    };
    if (first !== undefined) take(first);
    socket.on('data', take);
  }
}

/** A client that says one line at a time and hears what comes back. */
export class LineClient {
  heard = '';
  over = false;
  #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  static async open(port: number, mode: 'clear' | 'answered' | 'unanswered'): Promise<LineClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    if (mode === 'clear') return new LineClient(socket);
    socket.write('STARTTLS\n');
    if (mode === 'answered') await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    if (socket.destroyed) throw new Error('the connection ended before TLS');
    return new LineClient(tls.connect({ socket, host: 'localhost', ca: authority.certificate }));
  }

  say(line: string): void {
    this.#socket.write(`${line}\n`);
  }

  async hear(text: string): Promise<void> {
    await until(() => this.heard.includes(text) || this.over);
    if (!this.heard.includes(text)) throw new Error(`the connection ended before ${text}`);
  }

  end(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('data', (bytes: Buffer) => {
      this.heard += bytes.toString();
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.over = true;
    });
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
