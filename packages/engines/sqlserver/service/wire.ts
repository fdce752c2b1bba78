import type { ClientMessage, WireConversation, WireProtocol } from '@keyturn/engine-conformance';
import { readLogin7 } from './tds/login7.ts';
import { encryption, encryptionAsked } from './tds/prelogin.ts';
import { readBatch, readExecuteSql } from './tds/requests.ts';
import { HandshakeInPackets } from './tds/tls-in-packets.ts';

/** TDS 7.4, as far as the wire tap must read it ([MS-TDS]). */
export const protocol: WireProtocol = { open: () => new TdsConversation() };

const headerBytes = 8;
const type = { batch: 0x01, rpc: 0x03, login: 0x10, prelogin: 0x12 } as const;
const token = { error: 0xaa, loginAck: 0xad } as const;

interface Whole {
  readonly type: number;
  readonly length: number;
  readonly payload: Buffer;
}

class TdsConversation implements WireConversation {
  readonly serverAnswersStartTls = true;
  readonly tlsInMessages: NonNullable<WireConversation['tlsInMessages']> = {
    maxVersion: 'TLSv1.2',
    readAnswer: (bytes) => {
      const message = wholeMessage(bytes);
      if (message === undefined) return undefined;
      const answered = encryptionAsked(message.payload);
      return { length: message.length, startsTls: answered === encryption.on || answered === encryption.required };
    },
    wrap: (socket) => new HandshakeInPackets(socket),
  };
  #loginOver = false;
  #fromServer: Buffer = Buffer.alloc(0);

  beforeTls(bytes: Buffer): { readonly length: number; readonly startsTls: boolean } | undefined {
    const message = wholeMessage(bytes);
    if (message === undefined) return undefined;
    if (message.type !== type.prelogin) return { length: 0, startsTls: false };
    const asked = encryptionAsked(message.payload);
    return { length: message.length, startsTls: asked === encryption.on || asked === encryption.required };
  }

  nextClientMessage(bytes: Buffer): ClientMessage | undefined {
    const message = wholeMessage(bytes);
    if (message === undefined) return undefined;
    const { length, payload } = message;
    switch (message.type) {
      case type.login:
        return { length, kind: 'login', user: readLogin7(payload).user };
      case type.batch:
        return { length, kind: 'statement', text: readBatch(payload).sql };
      case type.rpc:
        return { length, kind: 'statement', text: readExecuteSql(payload).sql };
      default:
        return { length, kind: 'other' };
    }
  }

  readServer(bytes: Buffer): 'logged-in' | 'refused' | undefined {
    if (this.#loginOver) return undefined;
    this.#fromServer = Buffer.concat([this.#fromServer, bytes]);
    const message = wholeMessage(this.#fromServer);
    if (message === undefined) return undefined;
    this.#fromServer = this.#fromServer.subarray(message.length);
    const outcome = loginOutcome(message.payload);
    // The answer to a PRELOGIN that asks for no TLS comes this way, too.
    if (outcome !== undefined) this.#loginOver = true;
    return outcome;
  }
}

/** Walks over the tokens of the answer to a login: all of them have their length. */
function loginOutcome(payload: Buffer): 'logged-in' | 'refused' | undefined {
  for (let at = 0; at + 3 <= payload.length; at += 3 + payload.readUInt16LE(at + 1)) {
    if (payload[at] === token.error) return 'refused';
    if (payload[at] === token.loginAck) return 'logged-in';
    // Neither PRELOGIN's options nor anything else than ENVCHANGE and INFO comes before these.
    if (payload[at] !== 0xe3 && payload[at] !== 0xab) return undefined;
  }
  return undefined;
}

function wholeMessage(bytes: Buffer): Whole | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2);
    if (length < headerBytes) throw new Error('no TDS packet');
    if (at + length > bytes.length) return undefined;
    parts.push(bytes.subarray(at + headerBytes, at + length));
    const isLast = ((bytes[at + 1] ?? 0) & 1) !== 0;
    at += length;
    if (isLast) return { type: bytes[0] ?? 0, length: at, payload: Buffer.concat(parts) };
  }
  return undefined;
}
