import type { ClientMessage, WireConversation, WireProtocol } from '@keyturn/engine-conformance';
import { type Document, deserialize, EJSON } from 'bson';

const tlsHandshake = 0x16;
const opQuery = 2004;
const opMessage = 2013;

/** MongoDB's protocol: TLS from the first byte or not at all, then messages with their length first. */
export const protocol: WireProtocol = { open: () => new MongodbConversation() };

class MongodbConversation implements WireConversation {
  readonly serverAnswersStartTls = false;
  #loggedIn = false;
  #unread: Buffer = Buffer.alloc(0);
  /** Ids of the requests that are a part of the login. */
  readonly #logins = new Set<number>();

  beforeTls(clientBytes: Buffer): { readonly length: number; readonly startsTls: boolean } | undefined {
    return clientBytes.length === 0 ? undefined : { length: 0, startsTls: clientBytes[0] === tlsHandshake };
  }

  nextClientMessage(bytes: Buffer): ClientMessage | undefined {
    const message = readMessage(bytes);
    if (message === undefined) return undefined;
    const { length, id, document } = message;
    const name = Object.keys(document)[0] ?? '';
    if (/^(hello|is[mM]aster)$/.test(name)) {
      // The question holds the beginning of the login, which the server leaves out where it fails.
      const user = namedIn(document.speculativeAuthenticate?.payload);
      return { length, kind: 'login', ...(user === undefined ? {} : { user }) };
    }
    if (name === 'saslStart' || name === 'saslContinue') {
      this.#logins.add(id);
      const user = name === 'saslStart' ? namedIn(document.payload) : undefined;
      return { length, kind: 'login', ...(user === undefined ? {} : { user }) };
    }
    if (!this.#loggedIn || name === 'endSessions') return { length, kind: 'other' };
    return { length, kind: 'statement', text: EJSON.stringify(document) };
  }

  readServer(bytes: Buffer): 'logged-in' | 'refused' | undefined {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    let outcome: 'logged-in' | 'refused' | undefined;
    for (let next = readMessage(this.#unread); next !== undefined; next = readMessage(this.#unread)) {
      this.#unread = this.#unread.subarray(next.length);
      if (!this.#logins.delete(next.to)) continue;
      if (Number(next.document.ok) !== 1) outcome = 'refused';
      else if (next.document.done === true) outcome = 'logged-in';
    }
    if (outcome === 'logged-in') this.#loggedIn = true;
    return outcome;
  }
}

/** Whom the first message of SCRAM names. */
function namedIn(payload: unknown): string | undefined {
  const bytes = (payload as { readonly buffer?: Uint8Array } | undefined)?.buffer;
  const name = /^n,,n=([^,]*),/.exec(bytes === undefined ? '' : Buffer.from(bytes).toString('utf8'))?.[1];
  return name?.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

/**
 * Reads the message that these bytes begin with.
 * @returns undefined while it is not whole
 * @throws Error if it is none
 */
export function readMessage(
  bytes: Buffer,
): { readonly length: number; readonly id: number; readonly to: number; readonly document: Document } | undefined {
  if (bytes.length < 16) return undefined;
  const length = bytes.readInt32LE(0);
  if (length < 16 || length > 48_000_000) throw new Error(`a message of ${length} bytes`);
  if (bytes.length < length) return undefined;
  const [id, to, code] = [bytes.readInt32LE(4), bytes.readInt32LE(8), bytes.readInt32LE(12)];
  const start = bodyStart(bytes, code);
  const document = deserialize(bytes.subarray(start, start + bytes.readInt32LE(start)));
  return { length, id, to, document };
}

function bodyStart(bytes: Buffer, code: number): number {
  // Flags, and the kind of the section: a body comes first in all that this engine and its server send.
  if (code === opMessage && bytes[20] === 0) return 21;
  if (code === opQuery) return bytes.indexOf(0, 20) + 9;
  if (code === 1) return 36;
  throw new Error(`a message that is not known here: opcode ${code}`);
}
