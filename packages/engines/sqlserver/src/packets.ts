/** TDS packet types ([MS-TDS] 2.2.3.1.1). */
export const packetType = { reply: 0x04, login: 0x10, prelogin: 0x12 } as const;

export const headerBytes = 8;
const lastPacket = 0x01;
/** Whether the packet with this header ends its message. */
export function isLastPacket(header: Buffer): boolean {
  return (header.readUInt8(1) & lastPacket) !== 0;
}

/** What every server takes before a login has agreed on another size. */
const packetBytes = 4096;

/** One message in packets of the size that holds before the login. */
export function packets(type: number, payload: Buffer): Buffer {
  const room = packetBytes - headerBytes;
  const count = Math.max(1, Math.ceil(payload.length / room));
  return Buffer.concat(
    Array.from({ length: count }, (_, index) => {
      const part = payload.subarray(index * room, (index + 1) * room);
      const header = Buffer.alloc(headerBytes);
      header.writeUInt8(type, 0);
      header.writeUInt8(index === count - 1 ? lastPacket : 0, 1);
      header.writeUInt16BE(headerBytes + part.length, 2);
      header.writeUInt8((index + 1) & 0xff, 6);
      return Buffer.concat([header, part]);
    }),
  );
}

/** The payload of a whole message, and the bytes after it. */
export interface WholeMessage {
  readonly type: number;
  readonly payload: Buffer;
  readonly rest: Buffer;
}

/**
 * The first message in these bytes; undefined while it is not whole.
 * @throws Error for bytes that are no packets, or a message longer than `limit`
 */
export function firstMessage(bytes: Buffer, limit = 1_000_000): WholeMessage | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const type = bytes.readUInt8(at);
    const length = bytes.readUInt16BE(at + 2);
    if (length < headerBytes || type !== bytes[0] || at + length > limit) throw new Error('no TDS packet');
    if (at + length > bytes.length) return undefined;
    parts.push(bytes.subarray(at + headerBytes, at + length));
    const isLast = isLastPacket(bytes.subarray(at));
    at += length;
    if (isLast) return { type, payload: Buffer.concat(parts), rest: bytes.subarray(at) };
  }
  return undefined;
}
