import { deserialize, serialize } from 'mongodb/lib/bson.js';
import { NotMongodb } from './errors.ts';

/** A command's document, and an answer's. */
export type Document = Readonly<Record<string, unknown>>;

/** How an answer's values are read. */
export interface ReadOptions {
  /** Numbers come as the server keeps them, whole or not, and not as JavaScript's. */
  readonly exactValues?: boolean;
}

const opMessage = 2013;
const headBytes = 16;
/** Flags, and the kind of the one section. */
const beforeBody = headBytes + 5;
/** The largest document of any server, and room for what is around it. */
const largest = 16 * 1024 * 1024 + 16 * 1024;

/**
 * A command as an OP_MSG with one section.
 * @see https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
export function encodeCommand(id: number, database: string, command: Document): Buffer {
  const body = serialize({ ...command, $db: database });
  const head = Buffer.alloc(beforeBody);
  head.writeInt32LE(beforeBody + body.length, 0);
  head.writeInt32LE(id, 4);
  head.writeInt32LE(opMessage, 12);
  return Buffer.concat([head, body]);
}

/**
 * Reads the answer to the command with this id.
 * @returns undefined while it is not whole
 * @throws NotMongodb as soon as the bytes cannot be one
 */
export function readAnswer(bytes: Buffer, id: number, { exactValues = false }: ReadOptions): Document | undefined {
  if (bytes.length < headBytes) return undefined;
  const length = bytes.readInt32LE(0);
  const sound = length > beforeBody && length <= largest && bytes.readInt32LE(8) === id;
  if (!sound || bytes.readInt32LE(12) !== opMessage) throw new NotMongodb();
  if (bytes.length < length) return undefined;
  // One answer, with no flag set, is all that was asked for.
  if (bytes.length > length || bytes.readUInt32LE(headBytes) !== 0 || bytes[headBytes + 4] !== 0) {
    throw new NotMongodb();
  }
  try {
    const options = exactValues ? { promoteValues: false, bsonRegExp: true } : {};
    return deserialize(bytes.subarray(beforeBody), options);
  } catch {
    throw new NotMongodb();
  }
}
