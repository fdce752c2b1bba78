import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, answer, xml } from './answers.ts';
import { Fleet } from './fleet.ts';
import { invalidValue, parseQuery, type QueryRequest, RdsRefusal } from './query-request.ts';
import { type AccessKey, checkSignature } from './signature.ts';

const namespace = 'http://rds.amazonaws.com/doc/2014-10-31/';

/** A request that was understood, by whom it was meant for. */
export interface RdsCall {
  readonly action: string;
  readonly region: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What happens to a call instead of its answer. */
export type RdsFault =
  | { readonly code: string; readonly status: number; readonly message: string }
  | 'no-answer'
  | 'drop';

/** Settings of a {@link RdsDouble}. */
export interface RdsDoubleOptions {
  /** A page may hold fewer records than were asked for, none too. @default - as many as were asked for */
  readonly pageSize?: number;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * Stands for the API of Amazon RDS, of all Regions at one address: the Query protocol over HTTP, with signatures
 * checked, and everything refused that the API does not know.
 */
export class RdsDouble {
  readonly fleet: Fleet = new Fleet();
  readonly calls: RdsCall[] = [];
  readonly key: AccessKey = { accessKeyId: 'AKIDRDSDOUBLE', secretAccessKey: 'secret-access-key-of-the-double' };
  /** Asked at each call; the call is recorded before. */
  fault: ((call: RdsCall) => RdsFault | undefined) | undefined;
  readonly #options: RdsDoubleOptions;
  readonly #markers = new Map<string, { readonly query: string; readonly from: number }>();
  readonly #server: Server;

  private constructor(options: RdsDoubleOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(options: RdsDoubleOptions = {}): Promise<RdsDouble> {
    const double = new RdsDouble(options);
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends all connections. Succeeds if it is closed already. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const requestId = randomUUID();
    try {
      const reply = this.#answer(request, Buffer.concat(chunks).toString(), requestId);
      if (reply === 'drop') response.destroy();
      else if (reply !== 'no-answer') send(response, 200, requestId, reply);
    } catch (error) {
      if (!(error instanceof RdsRefusal)) throw error;
      const { code, message, status } = error;
      const inside = [
        ['Type', status < 500 ? 'Sender' : 'Receiver'] as const,
        ['Code', code] as const,
        ['Message', message] as const,
      ];
      const body = `<ErrorResponse xmlns="${namespace}">${xml([
        ['Error', inside],
        ['RequestId', requestId],
      ])}</ErrorResponse>`;
      send(response, status, requestId, body);
    }
  }

  #answer(request: IncomingMessage, body: string, requestId: string): string | 'drop' | 'no-answer' {
    const { method, url, headers } = request;
    if (method !== 'POST' || url !== '/') throw new RdsRefusal('InvalidAction', `${method} ${url} is no request`);
    if (headers['content-type'] !== 'application/x-www-form-urlencoded') {
      throw new RdsRefusal('InvalidContentType', 'The content type is not that of the Query protocol');
    }
    const region = checkSignature(headers, body, this.key, (this.#options.now ?? Date.now)());
    const query = parseQuery(body);
    const { action, parameters } = query;
    const call = { action, region, parameters: Object.fromEntries(parameters) };
    this.calls.push(call);
    const fault = this.fault?.(call);
    if (typeof fault === 'string') return fault;
    if (fault !== undefined) throw new RdsRefusal(fault.code, fault.message, fault.status);
    const result = this.#page(answer(this.fleet, query, region), query, region);
    const metadata = xml([['ResponseMetadata', [['RequestId', requestId]]]]);
    return `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result>${metadata}</${action}Response>`;
  }

  #page({ list, member, records }: Answer, { action, parameters, maxRecords }: QueryRequest, region: string): string {
    const { Marker: marker, ...rest } = Object.fromEntries(parameters);
    const query = JSON.stringify([action, region, rest]);
    const given = marker === undefined ? { query, from: 0 } : this.#markers.get(marker);
    if (given?.query !== query) throw invalidValue('Invalid Marker: it belongs to no answer to this request');
    const size = Math.min(this.#options.pageSize ?? maxRecords, maxRecords);
    // A size of 0 stands for a page without records that comes before the others.
    const to = size === 0 ? (marker === undefined ? 0 : records.length) : given.from + size;
    const next = to < records.length ? randomUUID() : undefined;
    if (next !== undefined) this.#markers.set(next, { query, from: to });
    const page = records.slice(given.from, to).map((record) => [member, record] as const);
    return xml([
      [list, page],
      ['Marker', next],
    ]);
  }
}

function send(response: ServerResponse, status: number, requestId: string, body: string): void {
  response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
}
