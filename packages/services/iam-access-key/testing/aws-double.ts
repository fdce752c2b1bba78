import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Account } from './account.ts';
import { type Result, runOperation, services } from './operations.ts';
import { QueryRefusal } from './query-refusal.ts';
import { checkSignature, readSignature, type SignedRequest } from './signature.ts';

/** A place in a call where a fault may strike. */
interface QueryPoint {
  /** The action, or what the request named as one. */
  readonly operation: string;
  /** Which call of this action through this door, from 1. */
  readonly nth: number;
  readonly moment: 'before' | 'after';
}

/** What happens to a call. `freeze`: no answer ever. `drop`: the connection breaks. */
export type QueryAction =
  | 'pass'
  | 'drop'
  | 'freeze'
  | { readonly code: string; readonly message?: string; readonly status?: number };

/** Decides at each point of each call. */
export type QueryHook = (point: QueryPoint) => QueryAction | Promise<QueryAction>;

/** A way in, with a hook and a count of its own: one for each process. */
export interface QueryDoor {
  readonly url: string;
  /** The actions called so far, in their order, with the code of a refusal. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

/** Where a door is. */
export interface DoorOptions {
  /** The Region of its STS. @default eu-west-1 */
  readonly region?: string;
  readonly onCall?: QueryHook;
}

/**
 * Serves the AWS Query protocol of IAM and STS on 127.0.0.1: forms in, XML out, every signature computed
 * again.
 */
export async function openDoor(
  account: Account,
  { region = 'eu-west-1', onCall }: DoorOptions = {},
): Promise<QueryDoor> {
  const calls: string[] = [];
  const counts = new Map<string, number>();
  const answer = async (request: SignedRequest, response: ServerResponse): Promise<void> => {
    const operation = new URLSearchParams(request.body).get('Action') ?? 'none';
    const nth = (counts.get(operation) ?? 0) + 1;
    counts.set(operation, nth);
    const at = (moment: QueryPoint['moment']) => onCall?.({ operation, nth, moment }) ?? 'pass';
    const before = await at('before');
    if (before !== 'pass') return end(before, response);
    const reply = await replyTo(request, account, region);
    calls.push(reply.refusal === undefined ? operation : `${operation} ${reply.refusal}`);
    const after = await at('after');
    if (after !== 'pass') return end(after, response);
    send(response, reply.status, reply.body);
  };
  const server = createServer((incoming, response) => {
    read(incoming)
      .then((request) => answer(request, response))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, calls, close: () => close(server) };
}

async function replyTo(
  request: SignedRequest,
  account: Account,
  region: string,
): Promise<{ status: number; body: string; refusal?: string }> {
  let service = 'sts';
  try {
    if (request.method !== 'POST' || request.path !== '/') throw new QueryRefusal('InvalidAction', 'Send POST /');
    const signature = readSignature(request);
    service = signature.service;
    const { secret, principal, used } = account.signer(signature.accessKeyId);
    checkScope(signature, region);
    checkSignature(request, signature, secret, Date.now());
    const token = request.headers['x-amz-security-token'];
    if (principal.sessionToken !== token) {
      throw new QueryRefusal('InvalidClientTokenId', 'The security token included in the request is invalid', 403);
    }
    if (principal.expired) {
      throw new QueryRefusal('ExpiredToken', 'The security token included in the request is expired', 403);
    }
    const type = request.headers['content-type'];
    if (type?.split(';')[0] !== 'application/x-www-form-urlencoded') {
      throw new QueryRefusal('MalformedQueryString', 'The content is no form');
    }
    used();
    const { name, result } = runOperation(service, [...new URLSearchParams(request.body)], account, principal);
    return { status: 200, body: resultXml(service, name, result) };
  } catch (error) {
    if (!(error instanceof QueryRefusal)) throw error;
    return { status: error.status, body: errorXml(service, error), refusal: error.code };
  }
}

/** IAM is one for all Regions, and a client with an endpoint of its own signs for its own Region. */
function checkScope({ service, region: signed }: { service: string; region: string }, region: string): void {
  if (services[service] === undefined) {
    throw new QueryRefusal('SignatureDoesNotMatch', 'Credential should be scoped to correct service.', 403);
  }
  if (signed !== region && !(service === 'iam' && signed === 'us-east-1')) {
    throw new QueryRefusal('SignatureDoesNotMatch', 'Credential should be scoped to a valid region.', 403);
  }
}

function resultXml(service: string, name: string, result: Result | undefined): string {
  const inner = result === undefined ? '' : `<${name}Result>${members(result)}</${name}Result>`;
  return `<${name}Response xmlns="${services[service]?.xmlns}">${inner}<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${name}Response>`;
}

function errorXml(service: string, { code, message, status }: QueryRefusal): string {
  const type = status < 500 ? 'Sender' : 'Receiver';
  return `<ErrorResponse xmlns="${services[service]?.xmlns}"><Error><Type>${type}</Type><Code>${text(code)}</Code><Message>${text(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
}

function members(result: Result): string {
  const parts = Object.entries(result).map(([name, value]) => {
    if (typeof value === 'string') return `<${name}>${text(value)}</${name}>`;
    if (!Array.isArray(value)) return `<${name}>${members(value as Result)}</${name}>`;
    return `<${name}>${value.map((item) => `<member>${members(item)}</member>`).join('')}</${name}>`;
  });
  return parts.join('');
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function end(action: Exclude<QueryAction, 'pass'>, response: ServerResponse): void {
  if (action === 'freeze') return;
  if (action === 'drop') {
    response.destroy();
    return;
  }
  const { code, message = 'Rate exceeded', status = 400 } = action;
  send(response, status, errorXml('iam', new QueryRefusal(code, message, status)));
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': randomUUID() }).end(body);
}

async function read(incoming: IncomingMessage): Promise<SignedRequest> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  const { method = '', url = '', headers } = incoming;
  return { method, path: url, headers, body: Buffer.concat(parts).toString('utf8') };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
