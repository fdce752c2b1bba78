import type { ClientMessage, WireConversation, WireProtocol } from '@keyturn/engine-conformance';

/** PostgreSQL's frontend/backend protocol 3, as far as the wire tap must read it (PostgreSQL manual, "Message Formats"). */
export const protocol: WireProtocol = { open: () => new PostgresConversation() };

export const sslRequestCode = 80_877_103;

/** Messages of the extended query protocol; a batch of them ends with Sync or Flush. */
const extended = new Set(['P', 'B', 'D', 'E', 'C']);
const endsBatch = new Set(['S', 'H']);

class PostgresConversation implements WireConversation {
  readonly serverAnswersStartTls = true;
  #started = false;
  #login: 'open' | 'over' = 'open';
  #fromServer: Buffer = Buffer.alloc(0);

  beforeTls(clientBytes: Buffer): { readonly length: number; readonly startsTls: boolean } | undefined {
    if (clientBytes.length < 8) return undefined;
    return clientBytes.readInt32BE(4) === sslRequestCode
      ? { length: 8, startsTls: true }
      : { length: 0, startsTls: false };
  }

  nextClientMessage(bytes: Buffer): ClientMessage | undefined {
    return this.#started ? typedMessage(bytes) : this.#startupMessage(bytes);
  }

  readServer(bytes: Buffer): 'logged-in' | 'refused' | undefined {
    if (this.#login === 'over') return undefined;
    this.#fromServer = Buffer.concat([this.#fromServer, bytes]);
    for (;;) {
      const length = typedLength(this.#fromServer);
      if (length === undefined) return undefined;
      const type = String.fromCharCode(this.#fromServer[0] ?? 0);
      this.#fromServer = this.#fromServer.subarray(length);
      // AuthenticationOk is not the end: the server may still find that the database does not exist.
      const outcome = type === 'Z' ? 'logged-in' : type === 'E' ? 'refused' : undefined;
      if (outcome === undefined) continue;
      this.#login = 'over';
      this.#fromServer = Buffer.alloc(0);
      return outcome;
    }
  }

  #startupMessage(bytes: Buffer): ClientMessage | undefined {
    const length = bytes.length < 8 ? Number.POSITIVE_INFINITY : bytes.readInt32BE(0);
    if (bytes.length < length) return undefined;
    // A request to cancel has another code in the place of the version.
    if (bytes.readInt16BE(4) !== 3) return { length, kind: 'other' };
    this.#started = true;
    const parts = bytes.toString('utf8', 8, length).split('\0');
    for (let at = 0; at + 1 < parts.length; at += 2) {
      if (parts[at] === 'user') return { length, kind: 'login', user: parts[at + 1] ?? '' };
    }
    return { length, kind: 'login' };
  }
}

function typedLength(bytes: Buffer): number | undefined {
  if (bytes.length < 5) return undefined;
  const length = 1 + bytes.readInt32BE(1);
  return bytes.length < length ? undefined : length;
}

function typedMessage(bytes: Buffer): ClientMessage | undefined {
  const length = typedLength(bytes);
  if (length === undefined) return undefined;
  const type = String.fromCharCode(bytes[0] ?? 0);
  if (type === 'Q') return { length, kind: 'statement', text: bytes.toString('utf8', 5, length - 1) };
  if (extended.has(type)) return batch(bytes);
  return { length, kind: type === 'p' ? 'login' : type === 'F' ? 'statement' : 'other' };
}

/** All of Parse, Bind, Describe, Execute … Sync: the server answers them as one. */
function batch(bytes: Buffer): ClientMessage | undefined {
  let text: string | undefined;
  for (let at = 0; ; ) {
    const rest = bytes.subarray(at);
    const length = typedLength(rest);
    if (length === undefined) return undefined;
    const type = String.fromCharCode(rest[0] ?? 0);
    // Parse: the name of the statement, then its text.
    if (type === 'P') text = rest.toString('utf8', 5, length).split('\0')[1];
    at += length;
    if (endsBatch.has(type)) return { length: at, kind: 'statement', ...(text === undefined ? {} : { text }) };
  }
}
