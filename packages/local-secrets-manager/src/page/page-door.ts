import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { type StreamParts, streamEvents } from './event-stream.ts';
import { frontEnd } from './front-end.ts';
import { type PageAction, pageActions } from './page-actions.ts';
import { isFromThePage, securityHeaders } from './request-guard.ts';

const MAX_BODY_BYTES = 16 * 1024;

/** What the page is made with. */
export interface PageParts extends StreamParts {
  readonly dispatcher: Dispatcher;
  readonly reattempt: (secretId: string) => void;
}

/** Serves the page at `/`, and under `/page/` its files, its stream of events and its actions. */
export class PageDoor {
  readonly #parts: PageParts;
  readonly #actions: ReadonlyMap<string, PageAction>;

  constructor(parts: PageParts) {
    this.#parts = parts;
    this.#actions = pageActions(parts.dispatcher, parts.reattempt);
  }

  /** Whether a request is one for the page: calls of the API are POST requests to `/`, or name their operation. */
  concerns({ method, url, headers }: IncomingMessage): boolean {
    if (headers['x-amz-target'] !== undefined) return false;
    return method === 'GET' || method === 'HEAD' || url?.startsWith('/page/') === true;
  }

  /** @param signal aborts when the browser has gone */
  async serve(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://page.invalid');
    const name = pathname === '/' ? 'index.html' : /^\/page\/([a-z.]+)$/.exec(pathname)?.[1];
    if (name === undefined) return refuse(response, 404, 'There is nothing under this address. The page is at /.');
    const action = this.#actions.get(name);
    if ((action !== undefined || name === 'events') && !isFromThePage(request)) {
      return refuse(response, 403, 'Only the page itself may ask for this.');
    }
    if (action !== undefined) return act(action, request, response, signal);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'This address takes GET.');
    if (name === 'events') return this.#stream(searchParams, response);
    await sendFile(name, response);
  }

  #stream(wishes: URLSearchParams, response: ServerResponse): void {
    response.writeHead(200, { ...securityHeaders, 'content-type': 'text/event-stream' });
    streamEvents(this.#parts, { find: wishes.get('find') ?? '', selected: wishes.get('selected') ?? '' }, response);
  }
}

async function act(
  action: PageAction,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  if (request.method !== 'POST') return refuse(response, 405, 'This address takes POST.');
  const input = await readJson(request);
  if (input === undefined) return refuse(response, 400, 'The request body is not a JSON object.');
  const { status, body } = await action(input, signal);
  send(response, status, 'application/json', body);
}

async function sendFile(name: string, response: ServerResponse): Promise<void> {
  const file = (await frontEnd()).get(name);
  if (file === undefined) return refuse(response, 404, 'There is nothing under this address. The page is at /.');
  send(response, 200, file.type, file.body);
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { ...securityHeaders, 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.setHeader('connection', 'close');
  send(response, status, 'application/json', JSON.stringify({ message }));
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk as Buffer);
  }
  if (size > MAX_BODY_BYTES) return undefined;
  try {
    const input: unknown = JSON.parse(Buffer.concat(chunks).toString());
    return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
