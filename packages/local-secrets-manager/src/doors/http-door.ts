import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { errorReply } from '../dispatch/replies.ts';
import type { WireReply } from '../dispatch/wire.ts';
import { ConnectionDropped } from '../faults/broken-call.ts';
import { CallCounter } from '../faults/fault-plan.ts';
import type { PageDoor } from '../page/page-door.ts';
import { ServiceError } from '../wire/service-error.ts';

// The largest value as base64 or with every character escaped, and room for the rest.
const MAX_BODY_BYTES = 1024 * 1024;
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9-]+\.)*localhost)$/i;
const ACCESS_KEY_ID = /Credential=([A-Za-z0-9]{1,128})\//;

/** Where to listen. */
export interface ListenOptions {
  /** @default - a free one */
  readonly port?: number;
  /**
   * The address to bind. Any but a loopback address lets everyone on that network read and change every secret.
   * @default - 127.0.0.1
   */
  readonly host?: string;
  /** Names, besides the machine's loopback ones, under which requests may come in. @default - none */
  readonly allowedHosts?: readonly string[];
}

/** The service on a port of this machine. */
export interface HttpDoor {
  /** `http://127.0.0.1:<port>`, or with the address that was asked for. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/**
 * Serves AWS JSON 1.1, on 127.0.0.1 unless told otherwise, and the page. Signatures are not checked; by its
 * access key id the caller is known.
 * @param nameBehind the rotation function that signs with an access key id
 */
export async function listen(
  dispatcher: Dispatcher,
  nameBehind: (accessKeyId: string) => string | undefined,
  page: PageDoor,
  { port = 0, host = '127.0.0.1', allowedHosts = [] }: ListenOptions,
): Promise<HttpDoor> {
  const counters = new CallCounter();
  const answer = (request: IncomingMessage, body: string, signal: AbortSignal): Promise<WireReply> => {
    const accessKeyId = ACCESS_KEY_ID.exec(request.headers.authorization ?? '')?.[1];
    const functionName = accessKeyId === undefined ? undefined : nameBehind(accessKeyId);
    return dispatcher.handle({
      // A body of another type names no operation.
      target: isJson(request.headers['content-type']) ? single(request.headers['x-amz-target']) : undefined,
      body,
      caller: functionName ?? accessKeyId ?? 'anonymous',
      functionName,
      door: { hook: undefined, counter: counters },
      signal,
    });
  };
  const isKnown = hostCheck(host, allowedHosts);
  const server = createServer((request, response) => void serve(request, response, { answer, page, isKnown }));
  const bound = await bind(server, port, host);
  return { url: `http://${reachable(host)}:${bound}`, port: bound, close: () => close(server) };
}

interface Served {
  readonly answer: (request: IncomingMessage, body: string, signal: AbortSignal) => Promise<WireReply>;
  readonly page: PageDoor;
  readonly isKnown: (host: string) => boolean;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { answer, page, isKnown }: Served,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    if (!isKnown(request.headers.host ?? '')) return refuse(response, 403, 'AccessDeniedException');
    if (page.concerns(request)) return await page.serve(request, response, gone.signal);
    if (request.method !== 'POST') return refuse(response, 405, 'UnknownOperationException');
    const body = await readBody(request);
    if (body === undefined) return refuse(response, 413, 'RequestEntityTooLargeException');
    const reply = await answer(request, body, gone.signal);
    send(response, reply);
  } catch (error) {
    // A broken connection is what was asked for, or what the client did itself; else it is a defect.
    response.destroy();
    const clientGone = gone.signal.aborted || !request.complete;
    if (!clientGone && !(error instanceof ConnectionDropped)) throw error;
  }
}

function send(response: ServerResponse, { status, headers, body }: WireReply): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function refuse(response: ServerResponse, status: number, type: string): void {
  const texts: Record<number, string> = {
    403: 'The local Secrets Manager answers only under a name of this machine.',
    405: 'The service takes POST requests.',
    413: `The service takes at most ${MAX_BODY_BYTES} bytes.`,
  };
  response.setHeader('connection', 'close');
  send(response, errorReply(new ServiceError(type, texts[status] ?? '', status), 'refused'));
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    // Read to its end all the same: to break off would break the connection before the answer.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk as Buffer);
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString();
}

// A page of some web site must not reach the service under a name that it has pointed here. An address is no
// such name: where the service is open to a network, it goes by its addresses.
function hostCheck(bound: string, allowed: readonly string[]): (host: string) => boolean {
  const isExposed = !LOOPBACK_HOST.test(bracketed(bound));
  return (host) => {
    const name = host.replace(/:\d+$/, '').toLowerCase();
    if (LOOPBACK_HOST.test(name) || allowed.some((each) => each.toLowerCase() === name)) return true;
    return isExposed && isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
  };
}

// Bound to every address, it is reached from this machine under the loopback one.
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : bracketed(host);
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

function bind(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

// Requests without a type are taken as the protocol's own.
function isJson(contentType: string | undefined): boolean {
  return contentType === undefined || /^application\/(?:x-amz-json-1\.[01]|json)(?:$|[; ])/i.test(contentType);
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
