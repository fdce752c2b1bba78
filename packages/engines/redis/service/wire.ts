import type { ClientMessage, WireConversation, WireProtocol } from '@keyturn/engine-conformance';

/**
 * RESP, as far as the wire tap must read it: TLS, if any, comes first of all; the client sends commands as
 * lists of texts.
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export const protocol: WireProtocol = { open: () => new RedisConversation() };

/** The first byte of a TLS handshake; no command begins with it. */
const tlsHandshake = 0x16;

class RedisConversation implements WireConversation {
  readonly serverAnswersStartTls = false;
  #loggedIn = false;
  #awaitsOutcome = false;

  beforeTls(clientBytes: Buffer): { readonly length: number; readonly startsTls: boolean } | undefined {
    return clientBytes.length === 0 ? undefined : { length: 0, startsTls: clientBytes[0] === tlsHandshake };
  }

  nextClientMessage(bytes: Buffer): ClientMessage | undefined {
    const command = readCommand(bytes);
    if (command === undefined) return undefined;
    const { length, args } = command;
    const user = userOf(args);
    if (user !== undefined) {
      this.#awaitsOutcome = true;
      return { length, kind: 'login', user };
    }
    const name = args[0]?.toUpperCase();
    if (!this.#loggedIn || name === 'QUIT') return { length, kind: 'other' };
    return { length, kind: 'statement', text: args.join(' ') };
  }

  readServer(bytes: Buffer): 'logged-in' | 'refused' | undefined {
    if (!this.#awaitsOutcome || bytes.length === 0) return undefined;
    this.#awaitsOutcome = false;
    if (bytes[0] === '-'.charCodeAt(0)) return 'refused';
    this.#loggedIn = true;
    return 'logged-in';
  }
}

/** Whom a command logs in: `AUTH password`, `AUTH user password`, `HELLO 3 AUTH user password …`. */
function userOf(args: readonly string[]): string | undefined {
  const [name, ...rest] = args;
  if (name?.toUpperCase() === 'AUTH') return rest.length === 1 ? 'default' : rest[0];
  if (name?.toUpperCase() !== 'HELLO') return undefined;
  const at = rest.findIndex((word) => word.toUpperCase() === 'AUTH');
  return at === -1 ? undefined : rest[at + 1];
}

/**
 * Reads the command that these bytes begin with.
 * @returns undefined while it is not whole
 * @throws Error if it is not sent as a list
 */
export function readCommand(bytes: Buffer): { readonly length: number; readonly args: readonly string[] } | undefined {
  const head = lengthAt(bytes, 0, '*');
  if (head === undefined) return undefined;
  let { end } = head;
  const args: string[] = [];
  for (let count = 0; count < head.value; count += 1) {
    const size = lengthAt(bytes, end, '$');
    if (size === undefined || bytes.length < size.end + size.value + 2) return undefined;
    args.push(bytes.toString('utf8', size.end, size.end + size.value));
    end = size.end + size.value + 2;
  }
  return { length: end, args };
}

function lengthAt(bytes: Buffer, start: number, mark: '*' | '$'): { value: number; end: number } | undefined {
  if (bytes.length === start) return undefined;
  if (String.fromCharCode(bytes[start] ?? 0) !== mark) throw new Error(`the client sent no ${mark} where one must be`);
  const end = bytes.indexOf('\r\n', start);
  return end === -1 ? undefined : { value: Number(bytes.toString('latin1', start + 1, end)), end: end + 2 };
}
