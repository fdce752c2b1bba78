import type pg from 'pg';
import type { ServerError } from './server-error.ts';

/** A message of the server: its type, its length, its body (PostgreSQL manual, "Message Formats"). */
export function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type, 'latin1'), int32(4 + body.length), body]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

const cstring = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf8');

export const authenticationRequest = (code: number, rest: Buffer = Buffer.alloc(0)): Buffer =>
  message('R', int32(code), rest);

export const readyForQuery = (status: 'I' | 'T' | 'E'): Buffer => message('Z', Buffer.from(status));

export const parameterStatus = (name: string, value: string): Buffer => message('S', cstring(name), cstring(value));

export const commandComplete = (tag: string): Buffer => message('C', cstring(tag));

export function errorResponse({ code, message: text, routine }: ServerError, severity: 'ERROR' | 'FATAL'): Buffer {
  const fields = { S: severity, C: code, M: text, F: 'redshift_double.c', L: '1', R: routine };
  return message('E', ...Object.entries(fields).map(([key, value]) => cstring(key + value)), Buffer.from([0]));
}

/** The rows of an answer, as text. @param upper describe_field_name_in_uppercase */
export function rowsOf({ fields, rows }: pg.QueryArrayResult, upper: boolean): Buffer {
  const columns = fields.map(({ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier }) =>
    Buffer.concat([
      cstring(upper ? name.toUpperCase() : name),
      int32(tableID),
      int16(columnID),
      int32(dataTypeID),
      int16(dataTypeSize),
      int32(dataTypeModifier),
      int16(0),
    ]),
  );
  const description = message('T', int16(fields.length), ...columns);
  return Buffer.concat([description, ...rows.map(dataRow)]);
}

function dataRow(row: readonly unknown[]): Buffer {
  const values = row.flatMap((value) => {
    if (value === null) return [int32(-1)];
    const bytes = Buffer.from(String(value), 'utf8');
    return [int32(bytes.length), bytes];
  });
  return message('D', int16(row.length), ...values);
}
