import { calculateObjectSize, deserialize, serialize } from 'bson';
import { crc32c } from './crc32c.ts';

/** What a client asks for. */
export interface Request {
  readonly id: number;
  readonly form: 'OP_MSG' | 'OP_QUERY';
  readonly database: string;
  readonly command: Readonly<Record<string, unknown>>;
  readonly wantsAnswer: boolean;
}

/** The client breaks the rules of the protocol: a real server ends the connection without a word. */
export class BrokenProtocol extends Error {}

const opCodes = { reply: 1, query: 2004, message: 2013 } as const;
const largest = 48_000_000;
const flags = { checksum: 1, moreToCome: 2, exhaustAllowed: 1 << 16 } as const;

/**
 * Reads the first message that these bytes hold.
 * @returns undefined while it is not whole
 * @throws BrokenProtocol
 */
export function readRequest(bytes: Buffer): { readonly length: number; readonly request: Request } | undefined {
  if (bytes.length < 16) return undefined;
  const length = bytes.readInt32LE(0);
  if (length < 16 || length > largest) throw new BrokenProtocol(`a message of ${length} bytes`);
  // A client answers nobody. In a TLS handshake, other bytes stand here.
  if (bytes.readInt32LE(8) !== 0) throw new BrokenProtocol('responseTo is not 0');
  if (bytes.length < length) return undefined;
  const message = bytes.subarray(0, length);
  const id = message.readInt32LE(4);
  const code = message.readInt32LE(12);
  if (code === opCodes.message) return { length, request: { id, ...readMessage(message) } };
  if (code === opCodes.query) return { length, request: { id, ...readQuery(message) } };
  throw new BrokenProtocol(`opcode ${code}`);
}

function readMessage(message: Buffer): Omit<Request, 'id'> {
  if (message.length < 20) throw new BrokenProtocol('no flags');
  const bits = message.readUInt32LE(16);
  const known = flags.checksum | flags.moreToCome | flags.exhaustAllowed;
  if ((bits & ~known & 0xffff) !== 0) throw new BrokenProtocol(`unknown required flags ${bits}`);
  let end = message.length;
  if (bits & flags.checksum) {
    end -= 4;
    if (end < 20 || message.readUInt32LE(end) !== crc32c(message.subarray(0, end)))
      throw new BrokenProtocol('checksum');
  }
  let at = 20;
  let command: Record<string, unknown> | undefined;
  const sequences: Record<string, unknown> = {};
  while (at < end) {
    const kind = message[at];
    at += 1;
    const size = sizeAt(message, at, end);
    if (kind === 0) {
      if (command !== undefined) throw new BrokenProtocol('two bodies');
      command = read(message.subarray(at, at + size));
    } else if (kind === 1) {
      const nul = message.indexOf(0, at + 4);
      if (nul === -1 || nul >= at + size) throw new BrokenProtocol('a document sequence without a name');
      const documents: unknown[] = [];
      for (let one = nul + 1; one < at + size; ) {
        const length = sizeAt(message, one, at + size);
        documents.push(read(message.subarray(one, one + length)));
        one += length;
      }
      sequences[message.toString('utf8', at + 4, nul)] = documents;
    } else {
      throw new BrokenProtocol(`a section of kind ${kind}`);
    }
    at += size;
  }
  if (command === undefined) throw new BrokenProtocol('no body');
  const { $db: database, ...rest } = { ...command, ...sequences } as Record<string, unknown>;
  if (typeof database !== 'string' || database === '') throw new BrokenProtocol('no $db');
  return { form: 'OP_MSG', database, command: rest, wantsAnswer: (bits & flags.moreToCome) === 0 };
}

function readQuery(message: Buffer): Omit<Request, 'id'> {
  const nul = message.indexOf(0, 20);
  if (nul === -1) throw new BrokenProtocol('no collection name');
  const [database = '', ...rest] = message.toString('utf8', 20, nul).split('.');
  if (rest.join('.') !== '$cmd') throw new BrokenProtocol('a legacy query');
  const body = nul + 9;
  if (body + 4 > message.length) throw new BrokenProtocol('no query');
  const size = sizeAt(message, body, message.length);
  if (body + size !== message.length) throw new BrokenProtocol('something follows the query');
  return { form: 'OP_QUERY', database, command: read(message.subarray(body, body + size)), wantsAnswer: true };
}

function sizeAt(message: Buffer, at: number, end: number): number {
  const size = at + 4 <= end ? message.readInt32LE(at) : 0;
  if (size < 5 || at + size > end) throw new BrokenProtocol('a document that ends outside of its message');
  return size;
}

function read(bytes: Buffer): Record<string, unknown> {
  try {
    const document = deserialize(bytes, { promoteValues: false, validation: { utf8: true }, bsonRegExp: true });
    // A key that stands twice is lost in an object.
    if (calculateObjectSize(document) !== bytes.length) throw new BrokenProtocol('a document with a key twice');
    return document;
  } catch (error) {
    if (error instanceof BrokenProtocol) throw error;
    throw new BrokenProtocol('a document that is no BSON');
  }
}

/** An answer's bytes, in the form of its request. */
export function writeAnswer({ id, form }: Request, answer: object): Buffer {
  const body = Buffer.from(serialize(answer));
  const head = Buffer.alloc(form === 'OP_MSG' ? 21 : 36);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE((id + 1) & 0x7fffffff, 4);
  head.writeInt32LE(id, 8);
  head.writeInt32LE(form === 'OP_MSG' ? opCodes.message : opCodes.reply, 12);
  if (form === 'OP_QUERY') {
    head.writeInt32LE(8, 16);
    head.writeInt32LE(1, 32);
  }
  return Buffer.concat([head, body]);
}
