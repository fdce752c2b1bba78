import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import * as tls from 'node:tls';
import type { ServerCertificate } from '../../service.ts';
import { type LineUsers, Refusal } from './line-users.fixture.ts';
import { parseStatements } from './statements.fixture.ts';

/** What a server says to a login that it does not take, and to a statement. */
const wrong = 'REFUSED\n';

/**
 * A database server for tests of the suite itself. It speaks lines: `STARTTLS`, which it answers with one byte, S or
 * N; `HELLO {"user","password"}`; `DO "statements"`; `BYE`.
 */
export class LineServer {
  readonly #users: LineUsers;
  readonly #certificate: ServerCertificate | undefined;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(users: LineUsers, certificate: ServerCertificate | undefined) {
    this.#users = users;
    this.#certificate = certificate;
    this.#server = createServer((socket) => {
      this.#open.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => this.#open.delete(socket));
      this.#listen(socket, undefined);
    });
  }

  /** @returns the port on 127.0.0.1 */
  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #listen(socket: Socket, user: string | undefined): void {
    let unread = Buffer.alloc(0);
    let who = user;
    const take = (bytes: Buffer): void => {
      unread = Buffer.concat([unread, bytes]);
      for (let end = unread.indexOf('\n'); end !== -1; end = unread.indexOf('\n')) {
        const line = unread.toString('utf8', 0, end);
        unread = unread.subarray(end + 1);
        if (line === 'STARTTLS') {
          if (this.#certificate === undefined) socket.write('N');
          else {
            socket.off('data', take);
            this.#secure(socket, unread);
            return;
          }
        } else if (line === 'BYE') socket.end();
        else if (line.startsWith('HELLO ')) {
          who = this.#logIn(line.slice(6));
          socket.write(who === undefined ? wrong : 'WELCOME\n');
        } else if (line.startsWith('DO ')) socket.write(this.#run(line.slice(3), who));
        else socket.destroy();
        if (socket.destroyed) return;
      }
    };
    socket.on('data', take);
  }

  #secure(socket: Socket, early: Buffer): void {
    const { certificate: cert, key } = this.#certificate as ServerCertificate;
    socket.pause();
    if (early.length > 0) socket.unshift(early);
    socket.write('S');
    const secure = new tls.TLSSocket(socket, { isServer: true, cert, key });
    secure.on('error', () => secure.destroy());
    this.#listen(secure, undefined);
  }

  #logIn(text: string): string | undefined {
    const { user, password } = JSON.parse(text) as { readonly user: string; readonly password: string };
    return this.#users.logIn(user, password) ? user : undefined;
  }

  #run(text: string, who: string | undefined): string {
    try {
      if (who === undefined) throw new Refusal('login first');
      const statements = parseStatements(JSON.parse(text));
      const answers = statements.map((statement) => this.#users.run(statement, who));
      return `DONE ${JSON.stringify(answers.at(-1) ?? [])}\n`;
    } catch (error) {
      if (error instanceof Refusal) return `FAILED ${error.message}\n`;
      throw error;
    }
  }
}
