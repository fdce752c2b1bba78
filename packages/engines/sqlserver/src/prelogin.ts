/** Values of the option ENCRYPTION ([MS-TDS] 2.2.6.5). */
export const encryption = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

const option = { version: 0, encryption: 1, instance: 2, threadId: 3, mars: 4 } as const;
const end = 0xff;

/** The payload of a PRELOGIN message, from the client or the server. */
export function prelogin(encrypt: number): Buffer {
  const options: readonly (readonly [number, Buffer])[] = [
    [option.version, Buffer.from([16, 0, 0, 0, 0, 0])],
    [option.encryption, Buffer.from([encrypt])],
    [option.instance, Buffer.from([0])],
    [option.threadId, Buffer.alloc(4)],
    [option.mars, Buffer.from([0])],
  ];
  const heads = Buffer.alloc(options.length * 5 + 1);
  let at = heads.length;
  for (const [index, [token, data]] of options.entries()) {
    heads.writeUInt8(token, index * 5);
    heads.writeUInt16BE(at, index * 5 + 1);
    heads.writeUInt16BE(data.length, index * 5 + 3);
    at += data.length;
  }
  heads.writeUInt8(end, options.length * 5);
  return Buffer.concat([heads, ...options.map(([, data]) => data)]);
}

/** What a PRELOGIN answer says of encryption. @throws Error for a payload that says nothing of it */
export function encryptionIn(payload: Buffer): number {
  for (let at = 0; at + 5 <= payload.length && payload[at] !== end; at += 5) {
    if (payload[at] !== option.encryption) continue;
    const value = payload[payload.readUInt16BE(at + 1)];
    if (value !== undefined && payload.readUInt16BE(at + 3) === 1) return value;
  }
  throw new Error('a PRELOGIN answer that says nothing of encryption');
}
