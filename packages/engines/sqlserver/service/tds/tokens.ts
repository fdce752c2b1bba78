/** What a cell of a result may hold: bytes as `0x…` in their own wrapper. */
export type Cell = string | number | boolean | null;

/** One SELECT's result. */
export interface ResultSet {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const collation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);
const serverName = 'KEYTURN';

/** The tokens of [MS-TDS] 2.2.7 that this server sends. */
export const tokens = {
  loginAck: (): Buffer =>
    token(
      0xad,
      Buffer.concat([Buffer.from([1, 0x74, 0, 0, 4]), byteText('Microsoft SQL Server'), Buffer.from([16, 0, 0x10, 0])]),
    ),
  error: (number: number, state: number, severity: number, message: string, line: number): Buffer =>
    token(
      severity > 10 ? 0xaa : 0xab,
      Buffer.concat([
        int32(number),
        Buffer.from([state, severity]),
        shortText(message),
        byteText(serverName),
        byteText(''),
        int32(line),
      ]),
    ),
  databaseChange: (to: string, from: string): Buffer =>
    token(0xe3, Buffer.concat([Buffer.from([1]), byteText(to), byteText(from)])),
  packetSize: (bytes: number): Buffer =>
    token(0xe3, Buffer.concat([Buffer.from([4]), byteText(String(bytes)), byteText('4096')])),
  /** The server tells the client how its transactions are called, and when they end. */
  transaction: (kind: 'begin' | 'commit' | 'rollback', id: bigint): Buffer => {
    const bytes = Buffer.alloc(9);
    bytes.writeUInt8(8, 0);
    bytes.writeBigUInt64LE(id, 1);
    const empty = Buffer.from([0]);
    const code = { begin: 8, commit: 9, rollback: 10 }[kind];
    return token(0xe3, Buffer.concat([Buffer.from([code]), ...(kind === 'begin' ? [bytes, empty] : [empty, bytes])]));
  },
  resultSet: ({ columns, rows }: ResultSet): Buffer => {
    const types = columns.map((_, index) => typeOf(rows.map((row) => row[index] ?? null)));
    const metadata = columns.map((name, index) =>
      Buffer.concat([int32(0), int16(0x0001), describe(types[index] ?? 'text'), byteText(name)]),
    );
    const data = rows.map((row) =>
      Buffer.concat([Buffer.from([0xd1]), ...row.map((cell, index) => encode(cell, types[index] ?? 'text'))]),
    );
    return Buffer.concat([Buffer.from([0x81]), int16(columns.length), ...metadata, ...data]);
  },
  done: ({
    more = false,
    failed = false,
    rows,
  }: {
    readonly more?: boolean;
    readonly failed?: boolean;
    readonly rows?: number;
  }): Buffer =>
    Buffer.concat([
      Buffer.from([0xfd]),
      int16((more ? 0x01 : 0) | (failed ? 0x02 : 0) | (rows === undefined ? 0 : 0x10)),
      int16(0xc1),
      int32(rows ?? 0),
      int32(0),
    ]),
};

type CellType = 'text' | 'int' | 'bit';

function typeOf(cells: readonly Cell[]): CellType {
  const found = cells.find((cell) => cell !== null);
  if (typeof found === 'number') return 'int';
  return typeof found === 'boolean' ? 'bit' : 'text';
}

function describe(type: CellType): Buffer {
  switch (type) {
    case 'int':
      return Buffer.from([0x26, 4]);
    case 'bit':
      return Buffer.from([0x68, 1]);
    case 'text':
      return Buffer.concat([Buffer.from([0xe7]), int16(8000), collation]);
  }
}

function encode(cell: Cell, type: CellType): Buffer {
  if (cell === null) return type === 'text' ? int16(0xffff) : Buffer.from([0]);
  if (type === 'int') return Buffer.concat([Buffer.from([4]), int32(Number(cell))]);
  if (type === 'bit') return Buffer.from([1, cell === true ? 1 : 0]);
  const bytes = Buffer.from(String(cell), 'utf16le');
  return Buffer.concat([int16(bytes.length), bytes]);
}

function token(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), int16(body.length), body]);
}

function byteText(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'utf16le')]);
}

function shortText(text: string): Buffer {
  return Buffer.concat([int16(text.length), Buffer.from(text, 'utf16le')]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
