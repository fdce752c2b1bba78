import type { ClientMessage, WireConversation, WireProtocol } from '@keyturn/engine-conformance';

/**
 * The client/server protocol of MariaDB and MySQL, as far as the wire tap must read it.
 * @see https://mariadb.com/kb/en/clientserver-protocol/
 */
export const protocol: WireProtocol = { open: () => new MariadbConversation() };

const headerBytes = 4;
/** A header, and 32 bytes of payload: what comes before TLS, and the start of every login. */
const tlsRequestBytes = headerBytes + 32;
const clientWantsTls = 0x800;

/** Commands whose bytes after the first are their text. */
const withText: Readonly<Record<number, string>> = { 3: 'COM_QUERY', 22: 'COM_STMT_PREPARE' };
/** Commands that the server does not answer. */
const unanswered: readonly number[] = [0x01, 0x18, 0x19];
const commandNames: Readonly<Record<number, string>> = {
  2: 'COM_INIT_DB',
  9: 'COM_STATISTICS',
  14: 'COM_PING',
  17: 'COM_CHANGE_USER',
  23: 'COM_STMT_EXECUTE',
  26: 'COM_STMT_RESET',
  27: 'COM_SET_OPTION',
  28: 'COM_STMT_FETCH',
  31: 'COM_RESET_CONNECTION',
};

class MariadbConversation implements WireConversation {
  readonly serverAnswersStartTls = false;
  #greeted = false;
  #introduced = false;
  #loginOver = false;
  #fromServer: Buffer = Buffer.alloc(0);

  beforeTls(clientBytes: Buffer): { readonly length: number; readonly startsTls: boolean } | undefined {
    const length = packetLength(clientBytes);
    if (length === undefined) return undefined;
    // Only the request for TLS ends where a login would go on with the user's name.
    const startsTls = length === tlsRequestBytes && (clientBytes.readUInt32LE(headerBytes) & clientWantsTls) !== 0;
    return { length: startsTls ? length : 0, startsTls };
  }

  nextClientMessage(bytes: Buffer): ClientMessage | undefined {
    const length = packetLength(bytes);
    if (length === undefined) return undefined;
    return this.#loginOver ? command(bytes, length) : this.#login(bytes, length);
  }

  readServer(bytes: Buffer): 'logged-in' | 'refused' | undefined {
    if (this.#loginOver) return undefined;
    this.#fromServer = Buffer.concat([this.#fromServer, bytes]);
    for (;;) {
      const length = packetLength(this.#fromServer);
      if (length === undefined) return undefined;
      const mark = this.#fromServer[headerBytes];
      this.#fromServer = this.#fromServer.subarray(length);
      // An error may come in the place of the greeting: too many connections, a host that is not let in.
      const greeting = !this.#greeted;
      this.#greeted = true;
      const outcome = mark === 0xff ? 'refused' : mark === 0x00 && !greeting ? 'logged-in' : undefined;
      if (outcome === undefined) continue;
      this.#loginOver = true;
      this.#fromServer = Buffer.alloc(0);
      return outcome;
    }
  }

  #login(bytes: Buffer, length: number): ClientMessage {
    // What follows the introduction answers the server's requests: a proof by another method.
    if (this.#introduced || length <= tlsRequestBytes) return { length, kind: 'login' };
    this.#introduced = true;
    const end = bytes.indexOf(0, tlsRequestBytes);
    return { length, kind: 'login', user: bytes.toString('utf8', tlsRequestBytes, end === -1 ? length : end) };
  }
}

function command(bytes: Buffer, length: number): ClientMessage {
  const code = bytes[headerBytes] ?? 0;
  if (unanswered.includes(code)) return { length, kind: 'other' };
  const text = code in withText ? bytes.toString('utf8', headerBytes + 1, length) : commandNames[code];
  return { length, kind: 'statement', ...(text === undefined ? {} : { text }) };
}

/** The length of the first packet with its header; undefined while it is not whole. */
function packetLength(bytes: Buffer): number | undefined {
  if (bytes.length < headerBytes) return undefined;
  const length = headerBytes + bytes.readUIntLE(0, 3);
  return bytes.length < length ? undefined : length;
}
