/**
 * Packets of the transparent network substrate, as thin clients speak it. Oracle has published no specification;
 * this is what the open driver node-oracledb reads and writes (lib/thin/sqlnet).
 */
export const packetTypes = { connect: 1, accept: 2, refuse: 4, redirect: 5, data: 6, resend: 11, marker: 12 } as const;

/** What the double accepts: the version of 12.1 and later, with lengths of four bytes after the acceptance. */
const protocolVersion = 318;

const known: readonly number[] = Object.values(packetTypes);
const headerBytes = 8;
const sdu = 8192;

/** One packet as it came. */
export interface Packet {
  readonly type: number;
  /** With its header. */
  readonly bytes: Buffer;
}

/**
 * Splits off the first whole packet; undefined while it is not there.
 * @param large whether lengths have four bytes: after the acceptance
 * @throws Error for a length that no packet has
 */
export function nextPacket(bytes: Buffer, large: boolean): Packet | undefined {
  if (bytes.length < headerBytes) return undefined;
  if (!known.includes(bytes[4] ?? 0)) throw new Error(`no packet has the type ${bytes[4]}`);
  const length = large ? bytes.readUInt32BE(0) : bytes.readUInt16BE(0);
  if (length < headerBytes || length > 65_535) throw new Error(`no packet has ${length} bytes`);
  if (bytes.length < length) return undefined;
  return { type: bytes[4] ?? 0, bytes: bytes.subarray(0, length) };
}

/** What the client says that it wants; undefined where it comes in a packet of its own, after this one. */
export function connectData({ bytes }: Packet): string | undefined {
  const [length, offset] = [bytes.readUInt16BE(24), bytes.readUInt16BE(26)];
  return bytes.length === offset + length ? bytes.toString('latin1', offset) : undefined;
}

/** A value of the connect data: `SERVICE_NAME`, `SID`. */
export function valueIn(data: string, name: string): string | undefined {
  return new RegExp(`\\(${name}=([^()]*)\\)`, 'i').exec(data)?.[1];
}

export function acceptance(version: number = protocolVersion): Buffer {
  const bytes = Buffer.alloc(45);
  bytes.writeUInt16BE(bytes.length, 0);
  bytes[4] = packetTypes.accept;
  bytes.writeUInt16BE(version, 8);
  bytes.writeUInt16BE(sdu, 12);
  bytes.writeUInt16BE(sdu, 14);
  // No native network services: encryption and checksums of the substrate's own.
  bytes[22] = 0x04;
  bytes[23] = 0x08;
  bytes.writeUInt32BE(sdu, 32);
  bytes.writeUInt32BE(65_535, 36);
  return bytes;
}

/** @param error the listener's number: 12514, 12505 */
export function refusal(error: number): Buffer {
  const text = Buffer.from(
    `(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=${error})(ERROR_STACK=(ERROR=(CODE=${error})(EMFI=4))))`,
  );
  const head = Buffer.alloc(12);
  head.writeUInt16BE(head.length + text.length, 0);
  head[4] = packetTypes.refuse;
  head[8] = 4;
  head.writeUInt16BE(text.length, 10);
  return Buffer.concat([head, text]);
}

/** @param address where to go instead: `(ADDRESS=(PROTOCOL=tcp)(HOST=…)(PORT=…))` */
export function redirection(address: string): Buffer {
  const text = Buffer.from(address);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(head.length + text.length, 0);
  head[4] = packetTypes.redirect;
  head.writeUInt16BE(text.length, 8);
  return Buffer.concat([head, text]);
}

/** The client is to say it again; first, both begin TLS anew. */
export function resendAfterTls(): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16BE(bytes.length, 0);
  bytes[4] = packetTypes.resend;
  bytes[5] = 0x08;
  return bytes;
}

/** The data, in as many packets as it takes. */
export function dataPackets(data: Buffer): Buffer {
  const packets: Buffer[] = [];
  const most = sdu - 10;
  for (let at = 0; at < data.length; at += most) {
    const part = data.subarray(at, at + most);
    const head = Buffer.alloc(10);
    head.writeUInt32BE(head.length + part.length, 0);
    head[4] = packetTypes.data;
    packets.push(head, part);
  }
  return Buffer.concat(packets);
}
