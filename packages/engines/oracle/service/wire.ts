import type { ClientMessage, WireConversation, WireProtocol } from '@keyturn/engine-conformance';
import { maskedPasswords } from './sql/masked-passwords.ts';
import { readRequest } from './tns/client-messages.ts';
import { MoreNeeded } from './tns/field-reader.ts';
import { nextPacket, packetTypes } from './tns/packets.ts';

/** Oracle's protocol, as far as the wire tap must read it. TLS, where there is any, is there from the first byte. */
export const protocol: WireProtocol = { open: () => new OracleConversation() };

/** The first byte of a TLS handshake; packets begin with a length, whose first byte is never so large here. */
const tlsHandshake = 0x16;

class OracleConversation implements WireConversation {
  readonly serverAnswersStartTls = false;
  #accepted = false;
  /** Requests that the client has sent and the server has not answered, of the login. */
  #user = '';
  #phase: 'challenge' | 'answer' | 'over' = 'challenge';
  #answering = false;
  #fromServer: Buffer = Buffer.alloc(0);

  beforeTls(clientBytes: Buffer): { readonly length: number; readonly startsTls: boolean } | undefined {
    if (clientBytes.length === 0) return undefined;
    return { length: 0, startsTls: clientBytes[0] === tlsHandshake };
  }

  nextClientMessage(bytes: Buffer): ClientMessage | undefined {
    const packet = nextPacket(bytes, this.#accepted);
    if (packet === undefined) return undefined;
    const { length } = packet.bytes;
    if (packet.type !== packetTypes.data || !this.#accepted) return { length, kind: 'login' };
    // The client's last word.
    if ((packet.bytes.readUInt16BE(8) & 0x40) !== 0) return { length, kind: 'other' };
    return this.#readWhole(bytes);
  }

  /** A request may take several packets. */
  #readWhole(bytes: Buffer): ClientMessage | undefined {
    let data: Buffer = Buffer.alloc(0);
    for (let length = 0; ; ) {
      const packet = nextPacket(bytes.subarray(length), true);
      if (packet === undefined) return undefined;
      length += packet.bytes.length;
      data = Buffer.concat([data, packet.bytes.subarray(10)]);
      try {
        const request = readRequest(data);
        return { length, ...this.#told(request) };
      } catch (error) {
        if (!(error instanceof MoreNeeded)) throw error;
      }
    }
  }

  #told(request: ReturnType<typeof readRequest>): Omit<ClientMessage, 'length'> {
    switch (request.kind) {
      case 'auth':
        if (this.#phase === 'over') return { kind: 'statement', text: 'change password' };
        this.#user = request.user;
        if (request.phase === 'two') {
          this.#phase = 'answer';
          this.#answering = true;
        }
        return { kind: 'login', user: this.#user };
      case 'execute':
        return { kind: 'statement', text: maskedPasswords(request.sql) };
      case 'fetch':
      case 'ping':
      case 'commit':
      case 'rollback':
        return { kind: 'statement', text: request.kind };
      case 'logoff':
        return { kind: 'other' };
      default:
        return { kind: 'login' };
    }
  }

  readServer(bytes: Buffer): 'logged-in' | 'refused' | undefined {
    if (this.#phase === 'over') return undefined;
    this.#fromServer = Buffer.concat([this.#fromServer, bytes]);
    for (;;) {
      const packet = nextPacket(this.#fromServer, this.#accepted);
      if (packet === undefined) return undefined;
      this.#fromServer = this.#fromServer.subarray(packet.bytes.length);
      if (packet.type === packetTypes.accept) this.#accepted = true;
      if (!this.#answering || packet.type !== packetTypes.data) continue;
      this.#phase = 'over';
      // An error; anything else is the outcome's parameters, or a warning before them.
      return packet.bytes[10] === 4 ? 'refused' : 'logged-in';
    }
  }
}
