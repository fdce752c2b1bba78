import { ProtocolFault } from './message-reader.ts';

/** Values of the option ENCRYPTION ([MS-TDS] 2.2.6.5). */
export const encryption = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

/** What a client's PRELOGIN asks for. @throws ProtocolFault */
export function encryptionAsked(payload: Buffer): number {
  const seen = new Map<number, Buffer>();
  let at = 0;
  for (; payload[at] !== 0xff; at += 5) {
    if (at + 5 > payload.length) throw new ProtocolFault('a PRELOGIN without an end');
    const [token, offset, length] = [payload.readUInt8(at), payload.readUInt16BE(at + 1), payload.readUInt16BE(at + 3)];
    if (offset + length > payload.length) throw new ProtocolFault('a PRELOGIN option beyond its message');
    seen.set(token, payload.subarray(offset, offset + length));
  }
  // VERSION must be the first option.
  if (payload[0] !== 0 || seen.get(0)?.length !== 6)
    throw new ProtocolFault('a PRELOGIN that does not begin with VERSION');
  const asked = seen.get(1);
  if (asked?.length !== 1 || (asked[0] ?? 4) > 3) throw new ProtocolFault('a PRELOGIN that says nothing of encryption');
  return asked[0] ?? 0;
}

/** The server's answer. */
export function preloginAnswer(encrypt: number): Buffer {
  const version = Buffer.from([16, 0, 0x10, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from([0, 0, 16, 0, 6, 1, 0, 22, 0, 1, 2, 0, 23, 0, 1, 0xff]),
    version,
    Buffer.from([encrypt, 0]),
  ]);
}
