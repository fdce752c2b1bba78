import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What happens to a request: `drop` breaks the connection, `freeze` never answers. */
type Interruption = 'pass' | 'drop' | 'freeze';

/** Asked before a request takes effect, and after that and before it is answered. */
type RequestHook = (name: string, moment: 'before' | 'after') => Promise<Interruption>;

/** The API of the example: accounts that log in with Basic authentication and change their own password. */
export class FakeApi {
  readonly passwords: Map<string, string> = new Map();
  /** Every request as `PUT app 204`. */
  readonly log: string[] = [];
  onRequest: RequestHook = async () => 'pass';
  /** What the API asks of a password. */
  acceptable: (password: string) => boolean = () => true;
  /** Answers with this status instead, where it is set. */
  status: number | undefined;
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = String(request.method);
    // Read first: an answer to a request that is still on its way would break the connection.
    const body = name === 'PUT' ? ((await json(request)) as { password: string }) : undefined;
    if (await this.#interrupted(request, name, 'before')) return;
    const [, basic = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const [user = '', password] = Buffer.from(basic, 'base64').toString().split(/:(.*)/s);
    const status = this.status ?? this.#change(user, password, body?.password);
    this.log.push(`${name} ${user} ${status}`);
    if (await this.#interrupted(request, name, 'after')) return;
    response.writeHead(status).end();
  }

  #change(user: string, password: string | undefined, next: string | undefined): number {
    if (password === undefined || this.passwords.get(user) !== password) return 401;
    if (next === undefined) return 200;
    if (!this.acceptable(next)) return 422;
    this.passwords.set(user, next);
    return 204;
  }

  async #interrupted({ socket }: IncomingMessage, name: string, moment: 'before' | 'after'): Promise<boolean> {
    const action = await this.onRequest(name, moment);
    if (action === 'drop') socket.destroy();
    return action !== 'pass';
  }
}
