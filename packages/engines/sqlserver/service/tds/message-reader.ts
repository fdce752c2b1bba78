/** Packet types that a client sends ([MS-TDS] 2.2.3.1.1). */
export const clientType = {
  batch: 0x01,
  rpc: 0x03,
  attention: 0x06,
  transaction: 0x0e,
  login: 0x10,
  prelogin: 0x12,
} as const;
/** The type of every packet that a server sends. */
const serverType = 0x04;

const headerBytes = 8;
const endOfMessage = 0x01;
const knownStatus = 0x01 | 0x02 | 0x08 | 0x10;

/** Bytes that are no message of the protocol: a server ends the connection. */
export class ProtocolFault extends Error {
  override readonly name = 'ProtocolFault';
}

/** A whole message of a client. */
export interface ClientPacketMessage {
  readonly type: number;
  readonly payload: Buffer;
}

/** Puts a client's packets together to messages, and takes none that is not sound. */
export class MessageReader {
  #bytes: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #type: number | undefined;
  /** The longest packet that a client may send. */
  packetBytes = 32_768;

  /** Whether something of a message has come that is not whole yet. */
  get isInMessage(): boolean {
    return this.#bytes.length > 0 || this.#type !== undefined;
  }

  /** The messages that are whole with these bytes. @throws ProtocolFault */
  read(bytes: Buffer): readonly ClientPacketMessage[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const found: ClientPacketMessage[] = [];
    while (this.#bytes.length >= headerBytes) {
      const type = this.#bytes.readUInt8(0);
      const status = this.#bytes.readUInt8(1);
      const length = this.#bytes.readUInt16BE(2);
      if (!Object.values<number>(clientType).includes(type)) throw new ProtocolFault(`a packet of the type ${type}`);
      if ((status & ~knownStatus) !== 0) throw new ProtocolFault('a packet with an unknown status');
      if (length < headerBytes || length > this.packetBytes)
        throw new ProtocolFault('a packet of an impossible length');
      if (this.#type !== undefined && this.#type !== type) throw new ProtocolFault('another type within a message');
      if (this.#bytes.length < length) break;
      this.#type = type;
      this.#parts.push(this.#bytes.subarray(headerBytes, length));
      this.#bytes = this.#bytes.subarray(length);
      if ((status & endOfMessage) === 0) continue;
      found.push({ type, payload: Buffer.concat(this.#parts) });
      this.#parts = [];
      this.#type = undefined;
    }
    return found;
  }
}

/** A server's message in packets. */
export function serverMessage(payload: Buffer, packetBytes = 4096, type: number = serverType): Buffer {
  const room = packetBytes - headerBytes;
  const out: Buffer[] = [];
  for (let at = 0, number = 1; at === 0 || at < payload.length; at += room, number += 1) {
    const part = payload.subarray(at, at + room);
    const header = Buffer.from([type, at + room >= payload.length ? endOfMessage : 0, 0, 0, 0, 0, number & 0xff, 0]);
    header.writeUInt16BE(part.length + headerBytes, 2);
    out.push(header, part);
  }
  return Buffer.concat(out);
}
