import { ProtocolFault } from './message-reader.ts';

/** What a LOGIN7 message says ([MS-TDS] 2.2.6.4). */
export interface ClientLogin {
  readonly tdsVersion: number;
  readonly packetBytes: number;
  readonly hostName: string;
  readonly user: string;
  readonly password: string;
  readonly appName: string;
  readonly serverName: string;
  readonly database: string;
}

const fixedBytes = 94;
/** The protocol of SQL Server 2012 to 2022. */
const version74 = 0x7400_0004;

/** The limits of [MS-TDS] in characters, by the order of the fields. */
const longest = { hostName: 128, user: 128, password: 128, appName: 128, serverName: 128, database: 128 } as const;
const place = { hostName: 0, user: 1, password: 2, appName: 3, serverName: 4, database: 8 } as const;

/** Reads a LOGIN7. @throws ProtocolFault */
export function readLogin7(payload: Buffer): ClientLogin {
  if (payload.length < fixedBytes || payload.readUInt32LE(0) !== payload.length) {
    throw new ProtocolFault('a LOGIN7 whose length is not its own');
  }
  const tdsVersion = payload.readUInt32LE(4);
  if (tdsVersion !== version74) throw new ProtocolFault('a version of the protocol other than 7.4');
  const bytes = (field: keyof typeof place): Buffer => {
    const at = 36 + place[field] * 4;
    const [offset, characters] = [payload.readUInt16LE(at), payload.readUInt16LE(at + 2)];
    if (characters > longest[field]) throw new ProtocolFault(`a LOGIN7 with too long a ${field}`);
    if (offset + characters * 2 > payload.length) throw new ProtocolFault('a LOGIN7 field beyond its message');
    return payload.subarray(offset, offset + characters * 2);
  };
  const text = (field: keyof typeof place) => bytes(field).toString('utf16le');
  return {
    tdsVersion,
    packetBytes: payload.readUInt32LE(8),
    hostName: text('hostName'),
    user: text('user'),
    password: unscrambled(bytes('password')),
    appName: text('appName'),
    serverName: text('serverName'),
    database: text('database'),
  };
}

/** Each byte's halves are swapped, and its bits flipped where 0xA5 has them: no secret, so only TLS protects it. */
function unscrambled(bytes: Buffer): string {
  return Buffer.from(bytes.map((byte) => (((byte ^ 0xa5) << 4) | ((byte ^ 0xa5) >> 4)) & 0xff)).toString('utf16le');
}
