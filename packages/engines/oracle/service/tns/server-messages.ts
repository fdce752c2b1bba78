import { FieldWriter } from './field-writer.ts';

const messageTypes = {
  protocol: 1,
  dataTypes: 2,
  error: 4,
  rowHeader: 6,
  rowData: 7,
  parameter: 8,
  status: 9,
  warning: 15,
  describe: 16,
} as const;

/** Of 19c, with its release updates: nothing of what 20c has added to the messages. */
const fieldVersion = 13;
const noDataFound = 1403;

export function protocolAnswer(): Buffer {
  const compileCaps = Buffer.alloc(20);
  compileCaps[7] = fieldVersion;
  const runtimeCaps = Buffer.alloc(7);
  // It tells its time zone with the data types, and takes long strings.
  runtimeCaps[1] = 0x01;
  runtimeCaps[6] = 0x04;
  // UTF-16 as the national character set.
  const characterSets = Buffer.alloc(11);
  characterSets.writeUInt16BE(2000, 9);
  const out = new FieldWriter().u8(messageTypes.protocol, 6, 0).bytes(Buffer.from('Keyturn Oracle double\0'));
  // UTF-8, no flags, no elements.
  out.u8(873 & 0xff, 873 >> 8, 0, 0, 0);
  out.u8(0, characterSets.length).bytes(characterSets);
  return out.counted(compileCaps).counted(runtimeCaps).buffer;
}

export function dataTypesAnswer(): Buffer {
  const timeZone = Buffer.alloc(11);
  // UTC.
  timeZone[4] = 60;
  timeZone[5] = 60;
  return new FieldWriter().u8(messageTypes.dataTypes).bytes(timeZone).u8(0, 0).buffer;
}

/** @param flags by key: of the verifier, its type */
export function parameters(
  pairs: Readonly<Record<string, string>>,
  flags: Readonly<Record<string, number>> = {},
  warning?: { readonly number: number; readonly text: string },
): Buffer {
  const out = new FieldWriter();
  if (warning !== undefined) {
    out.u8(messageTypes.warning).number(warning.number, Buffer.byteLength(warning.text), 0).text(warning.text);
  }
  out.u8(messageTypes.parameter).number(Object.keys(pairs).length);
  for (const [key, value] of Object.entries(pairs)) {
    out
      .lengthAndText(key)
      .lengthAndText(value)
      .number(flags[key] ?? 0);
  }
  return out.bytes(done()).buffer;
}

export function done(): Buffer {
  return new FieldWriter().u8(messageTypes.status).number(0, 0).buffer;
}

/** The end of a call. @param cursor 0: there is none; another: rows are left in it */
export function endOfCall(error: { readonly number: number; readonly text: string } | undefined, cursor = 0): Buffer {
  const out = new FieldWriter().u8(messageTypes.error);
  out.number(0, 0, 0, 0, 0, 0, cursor, 0).u8(0, 0, 0, 0, 0, 0);
  // Row id, the operating system's error, iterations, batch errors: none of them.
  out.number(0, 0).u8(0).number(0, 0).number(0).u8(0, 0).number(0, 0).number(0).number(0).number(0).number(0);
  out.number(error?.number ?? 0, 0);
  if (error !== undefined) out.text(`${error.text}\n`);
  return out.buffer;
}

export function description(columns: readonly string[]): Buffer {
  const out = new FieldWriter().u8(messageTypes.describe, 0).number(0, columns.length);
  if (columns.length > 0) out.u8(0);
  for (const [position, name] of columns.entries()) {
    // VARCHAR2 of 4000 bytes in UTF-8.
    out.u8(1, 0, 0, 0).number(4000, 0, 0).number(0).number(0, 873).u8(1).number(4000).number(0).u8(1, name.length);
    out.lengthAndText(name).lengthAndText('').lengthAndText('').number(position, 0);
  }
  return out.number(0).number(0, 0, 0, 0).number(0).buffer;
}

/** @param more the cursor in which further rows wait; 0 if these are the last */
export function rowsAnswer(rows: readonly (readonly (string | null)[])[], more: number): Buffer {
  const out = new FieldWriter();
  if (rows.length > 0) out.u8(messageTypes.rowHeader, 0).number(0, 0, 0, 0).number(0).number(0);
  for (const row of rows) {
    out.u8(messageTypes.rowData);
    for (const value of row) out.value(value);
  }
  const end = more === 0 ? { number: noDataFound, text: 'ORA-01403: no data found' } : undefined;
  return out.bytes(endOfCall(end, more)).buffer;
}
