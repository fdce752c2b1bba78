import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A key that the API has made. */
interface StoredKey {
  readonly id: string;
  readonly apiKey: string;
  readonly createdAt: string;
  active: boolean;
  usedAt: string | null;
}

/** The API of the example: one account with up to two keys, over HTTP. */
export class FakeApi {
  readonly keys: Map<string, StoredKey> = new Map();
  /** Every request as `POST /keys 201`. */
  readonly log: string[] = [];
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

  makeKey(): StoredKey {
    const key: StoredKey = {
      id: `key-${randomBytes(4).toString('hex')}`,
      apiKey: randomBytes(20).toString('base64url'),
      createdAt: new Date().toISOString(),
      active: true,
      usedAt: null,
    };
    this.keys.set(key.id, key);
    return key;
  }

  /** Whether a client that sends this key is let in. */
  accepts(apiKey: string): boolean {
    return [...this.keys.values()].some((key) => key.active && key.apiKey === apiKey);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const body = method === 'PATCH' ? ((await json(request)) as { active: boolean }) : undefined;
    const bearer = headers.authorization?.replace(/^Bearer /, '');
    const used = [...this.keys.values()].find(({ active, apiKey }) => active && apiKey === bearer);
    const [status, answer] = used === undefined ? [401] : this.#do(`${method} ${url}`, used, body);
    this.log.push(`${method} ${url.replace(/key-.*/, 'KEY')} ${status}`);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(answer === undefined ? undefined : JSON.stringify(answer));
  }

  #do(what: string, used: StoredKey, body: { active: boolean } | undefined): [status: number, answer?: object] {
    used.usedAt = new Date().toISOString();
    if (what === 'GET /whoami') return [200, { account: 'maps' }];
    if (what === 'GET /keys') return [200, [...this.keys.values()].map(({ apiKey: _, ...listed }) => listed)];
    if (what === 'POST /keys') return this.keys.size < 2 ? [201, this.makeKey()] : [409];
    const [, method, id = ''] = /^(DELETE|PATCH) \/keys\/(.*)$/.exec(what) ?? [];
    const key = this.keys.get(id);
    if (key === undefined) return [404];
    if (method === 'DELETE') this.keys.delete(id);
    else key.active = body?.active ?? key.active;
    return [204];
  }
}
