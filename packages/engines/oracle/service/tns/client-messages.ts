import { FieldReader } from './field-reader.ts';

/** What a client asks of the server, in the two-task layer above the packets. */
export type ClientRequest =
  | { readonly kind: 'protocol' }
  | { readonly kind: 'data-types' }
  | { readonly kind: 'auth'; readonly phase: 'one' | 'two'; readonly user: string; readonly pairs: Pairs }
  | {
      readonly kind: 'execute';
      readonly sql: string;
      readonly binds: readonly (string | null)[];
      readonly rows: number;
    }
  | { readonly kind: 'fetch'; readonly cursor: number; readonly rows: number }
  | { readonly kind: 'ping' | 'logoff' | 'commit' | 'rollback' };

export type Pairs = ReadonlyMap<string, string>;

const messageTypes = { protocol: 1, dataTypes: 2, function: 3, rowData: 7, piggyback: 17 } as const;
const functions = {
  authOne: 118,
  authTwo: 115,
  execute: 94,
  fetch: 5,
  ping: 147,
  logoff: 9,
  commit: 14,
  rollback: 15,
  closeCursors: 105,
  cancelCursors: 120,
} as const;

/**
 * Reads one request, and what rides on it.
 * @throws MoreNeeded; Error for what no thin client of this version sends
 */
export function readRequest(data: Buffer): ClientRequest {
  const read = new FieldReader(data);
  let type = read.u8();
  while (type === messageTypes.piggyback) {
    skipPiggyback(read);
    type = read.u8();
  }
  const request = requestOf(type, read);
  if (request.kind !== 'data-types' && !read.atEnd) throw new Error(`the request ${request.kind} is too long`);
  return request;
}

function requestOf(type: number, read: FieldReader): ClientRequest {
  if (type === messageTypes.protocol) {
    if (read.u8() !== 6 || read.u8() !== 0) throw new Error('no protocol of this age');
    for (let byte = read.u8(); byte !== 0; byte = read.u8());
    return { kind: 'protocol' };
  }
  if (type === messageTypes.dataTypes) {
    read.skip(5).counted();
    // What follows, the server's side need not know: nothing but text crosses this wire.
    return { kind: 'data-types' };
  }
  if (type !== messageTypes.function) throw new Error(`no message of the type ${type}`);
  const code = read.u8();
  // The sequence number.
  read.skip(1);
  switch (code) {
    case functions.authOne:
    case functions.authTwo:
      return auth(read, code === functions.authOne ? 'one' : 'two');
    case functions.execute:
      return execute(read);
    case functions.fetch:
      return { kind: 'fetch', cursor: read.number(), rows: read.number() };
    case functions.ping:
      return { kind: 'ping' };
    case functions.logoff:
      return { kind: 'logoff' };
    case functions.commit:
      return { kind: 'commit' };
    case functions.rollback:
      return { kind: 'rollback' };
    default:
      throw new Error(`no function has the number ${code}`);
  }
}

function skipPiggyback(read: FieldReader): void {
  const code = read.u8();
  if (code !== functions.closeCursors && code !== functions.cancelCursors) {
    throw new Error(`no piggyback has the number ${code}`);
  }
  read.skip(2);
  read.skipNumbers(read.number());
}

function auth(read: FieldReader, phase: 'one' | 'two'): ClientRequest {
  const named = read.u8() === 1;
  read.skipNumbers(2).skip(1);
  const count = read.number();
  read.skip(2);
  const user = named ? read.text() : '';
  const pairs = new Map<string, string>();
  for (let i = 0; i < count; i += 1) {
    const [key, value] = [read.lengthAndText(), read.lengthAndText()];
    read.number();
    pairs.set(key, value);
  }
  return { kind: 'auth', phase, user, pairs };
}

/** The layout of a full execution; a cursor is executed once, so there is no other. */
function execute(read: FieldReader): ClientRequest {
  read.number();
  if (read.number() !== 0) throw new Error('the double keeps no statement for a second execution');
  read.skip(1);
  const length = read.number();
  read.skip(1).skipNumbers(1).skip(3);
  const rows = read.number();
  read.skipNumbers(1).skip(1);
  const bindCount = read.number();
  read.skip(5);
  if (read.u8() !== 0 || read.number() !== 0) throw new Error('no column is to be defined anew');
  read.skipNumbers(1).skip(2);
  read.skip(1).skipNumbers(1).skip(1).skipNumbers(1).skipNumbers(1);
  read.skip(1).skipNumbers(1).skip(1);
  // Of 12.2: signature and identifier of the statement; of its extension: chunks.
  read.skip(1).skipNumbers(1).skip(1).skipNumbers(1).skip(1);
  read.skip(1).skipNumbers(1);
  const sql = read.counted().toString('utf8');
  if (Buffer.byteLength(sql) !== length) throw new Error('the statement has another length than it says');
  read.skipNumbers(13);
  for (let i = 0; i < bindCount; i += 1) {
    if (read.u8() !== 1) throw new Error('only text is bound');
    read.skip(3).skipNumbers(6).skip(1).skipNumbers(2);
  }
  const binds: (string | null)[] = [];
  if (bindCount > 0) {
    if (read.u8() !== messageTypes.rowData) throw new Error('the values of the binds are missing');
    for (let i = 0; i < bindCount; i += 1) {
      const value = read.counted();
      binds.push(value.length === 0 ? null : value.toString('utf8'));
    }
  }
  return { kind: 'execute', sql, binds, rows };
}
