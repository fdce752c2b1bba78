import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One invocation, as the runtime gets it. */
export interface Invocation {
  readonly requestId: string;
  readonly event: unknown;
  readonly functionArn: string;
  /** In milliseconds; the deadline counts from when the runtime takes the invocation. */
  readonly timeoutMs: number;
}

/** What the runtime tells the service. */
export interface RuntimeListener {
  /** It asks for an invocation: it is ready. */
  ready(): void;
  response(requestId: string, body: string): void;
  error(requestId: string, body: string): void;
  /** It could not load the function. */
  initError(body: string): void;
}

const PREFIX = '/2018-06-01/runtime/';
const ANSWER = /^invocation\/([^/]+)\/(response|error)$/;

/** Lambda's Runtime API for one process, on loopback. */
export class RuntimeApi {
  readonly #server: Server;
  readonly #listener: RuntimeListener;
  #waiting: ServerResponse | undefined = undefined;

  private constructor(listener: RuntimeListener) {
    this.#listener = listener;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    // The runtime waits on its connection as long as nothing is to do.
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
  }

  static start(listener: RuntimeListener): Promise<RuntimeApi> {
    const api = new RuntimeApi(listener);
    return new Promise((resolve, reject) => {
      api.#server.once('error', reject);
      api.#server.listen(0, '127.0.0.1', () => resolve(api));
    });
  }

  /** `host:port`, as AWS_LAMBDA_RUNTIME_API has it. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Hands an invocation to the runtime, which must have said that it is ready. */
  deliver({ requestId, event, functionArn, timeoutMs }: Invocation): void {
    const response = this.#waiting;
    this.#waiting = undefined;
    if (response === undefined) throw new Error('The runtime has not asked for an invocation.');
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
      'lambda-runtime-invoked-function-arn': functionArn,
      'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    });
    response.end(JSON.stringify(event));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.startsWith(PREFIX) ? request.url.slice(PREFIX.length) : '';
    if (request.method === 'GET' && path === 'invocation/next') {
      this.#waiting = response;
      this.#listener.ready();
      return;
    }
    const body = await textOf(request);
    if (body === undefined) return;
    const [, requestId, kind] = ANSWER.exec(path) ?? [];
    const known = request.method === 'POST' && (requestId !== undefined || path === 'init/error');
    response.writeHead(known ? 202 : 404, { 'content-type': 'application/json' }).end('{}');
    if (!known) return;
    if (requestId === undefined) this.#listener.initError(body);
    else if (kind === 'response') this.#listener.response(requestId, body);
    else this.#listener.error(requestId, body);
  }
}

// Nothing where the process died while it wrote: its exit tells more.
async function textOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString();
}
