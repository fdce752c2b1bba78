import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { errorReply } from '../dispatch/replies.ts';
import type { WireReply } from '../dispatch/wire.ts';
import { ConnectionDropped } from '../faults/broken-call.ts';
import { CallCounter } from '../faults/fault-plan.ts';
import { ServiceError } from '../wire/service-error.ts';

// The largest value as base64 or with every character escaped, and room for the rest.
const MAX_BODY_BYTES = 1024 * 1024;
// A page of some web site must not reach the service under a name that it has pointed here.
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9-]+\.)*localhost)(?::\d+)?$/i;
const ACCESS_KEY_ID = /Credential=([A-Za-z0-9]{1,128})\//;

/** The service on a port of this machine. */
export interface HttpDoor {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/**
 * Serves AWS JSON 1.1 on 127.0.0.1, and nowhere else. Signatures are not checked; by its access key id the
 * caller is known.
 * @param nameBehind the rotation function that signs with an access key id
 */
export async function listen(
  dispatcher: Dispatcher,
  nameBehind: (accessKeyId: string) => string | undefined,
  port: number,
): Promise<HttpDoor> {
  const counters = new CallCounter();
  const server = createServer((request, response) => {
    void serve(request, response, async (body, signal) => {
      const accessKeyId = ACCESS_KEY_ID.exec(request.headers.authorization ?? '')?.[1];
      const functionName = accessKeyId === undefined ? undefined : nameBehind(accessKeyId);
      return dispatcher.handle({
        target: single(request.headers['x-amz-target']),
        body,
        caller: functionName ?? accessKeyId ?? 'anonymous',
        functionName,
        door: { hook: undefined, counter: counters },
        signal,
      });
    });
  });
  const bound = await bind(server, port);
  return { url: `http://127.0.0.1:${bound}`, port: bound, close: () => close(server) };
}

type Answer = (body: string, signal: AbortSignal) => Promise<WireReply>;

async function serve(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    if (!LOOPBACK_HOST.test(request.headers.host ?? '')) return refuse(response, 403, 'AccessDeniedException');
    if (request.method !== 'POST') return refuse(response, 405, 'UnknownOperationException');
    const body = await readBody(request);
    if (body === undefined) return refuse(response, 413, 'RequestEntityTooLargeException');
    const reply = await answer(body, gone.signal);
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

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
