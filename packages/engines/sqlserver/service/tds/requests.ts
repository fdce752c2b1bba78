import { ProtocolFault } from './message-reader.ts';

/** A batch, with the transaction that the client believes to be in. */
export interface BatchRequest {
  readonly sql: string;
  readonly transaction: bigint;
}

const transactionHeader = 2;

/** Reads a SQLBatch ([MS-TDS] 2.2.6.7). @throws ProtocolFault */
export function readBatch(payload: Buffer): BatchRequest {
  const { transaction, rest } = readHeaders(payload);
  if (rest.length % 2 !== 0) throw new ProtocolFault('a batch of half a character');
  return { sql: rest.toString('utf16le'), transaction };
}

/** Reads the ALL_HEADERS rule ([MS-TDS] 2.2.5.3), of which the transaction is a must. */
function readHeaders(payload: Buffer): { readonly transaction: bigint; readonly rest: Buffer } {
  if (payload.length < 4) throw new ProtocolFault('a request without headers');
  const total = payload.readUInt32LE(0);
  if (total < 4 || total > payload.length) throw new ProtocolFault('headers beyond their message');
  let transaction: bigint | undefined;
  for (let at = 4; at < total; ) {
    if (at + 6 > total) throw new ProtocolFault('half a header');
    const length = payload.readUInt32LE(at);
    if (length < 6 || at + length > total) throw new ProtocolFault('a header beyond the headers');
    if (payload.readUInt16LE(at + 4) === transactionHeader) {
      if (length !== 18 || payload.readUInt32LE(at + 14) !== 1) throw new ProtocolFault('no sound transaction header');
      transaction = payload.readBigUInt64LE(at + 6);
    }
    at += length;
  }
  if (transaction === undefined) throw new ProtocolFault('a request that names no transaction');
  return { transaction, rest: payload.subarray(total) };
}

const executeSql = 10;

/** A call of sp_executesql without parameters, which is what drivers make of a plain statement. @throws ProtocolFault */
export function readExecuteSql(payload: Buffer): BatchRequest {
  const { transaction, rest } = readHeaders(payload);
  if (rest.length < 6 || rest.readUInt16LE(0) !== 0xffff || rest.readUInt16LE(2) !== executeSql) {
    throw new ProtocolFault('a call of another procedure than sp_executesql');
  }
  // Flags, then the first parameter: its name, its status, and nvarchar with a length, a collation and a value.
  const name = rest.readUInt8(6);
  const at = 7 + name * 2 + 1;
  const type = rest.readUInt8(at);
  const isLong = type === 0x63;
  if (!isLong && type !== 0xe7) throw new ProtocolFault('a statement that is no nvarchar');
  const value = at + 1 + (isLong ? 4 : 2) + 5;
  const [length, start] = isLong ? [rest.readUInt32LE(value), value + 4] : [rest.readUInt16LE(value), value + 2];
  if (start + length > rest.length) throw new ProtocolFault('a statement beyond its message');
  if (start + length < rest.length) throw new ProtocolFault('parameters, which this server does not take');
  return { sql: rest.toString('utf16le', start, start + length), transaction };
}
