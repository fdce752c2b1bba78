import { randomBytes } from 'node:crypto';
import type { TrapActor, TrapSocket } from '@keyturn/engine-conformance';

/** Capabilities: protocol 4.1, secure connection, plugin authentication, databases at the login. */
const capabilities = 0x0008_8208;
const offersTlsFlag = 0x0800;

export interface TrapOptions {
  /** The authentication plugin that the greeting names. @default - mysql_native_password */
  readonly plugin?: string;
  /** Sent one after the other once the client has introduced itself, each after an answer to the one before. */
  readonly asks?: readonly Buffer[];
}

/**
 * Plays a MariaDB server until the client has sent what proves its password, then asks on.
 * @see https://mariadb.com/kb/en/connection/
 */
export function trapActor(options: TrapOptions = {}): TrapActor {
  return {
    async open(socket, offersTls) {
      socket.write(packet(0, greeting(offersTls, options.plugin)));
      const bytes = await readPacket(socket);
      const wantsTls = (bytes.readUInt32LE(4) & offersTlsFlag) !== 0;
      if (!wantsTls || bytes.length < 36) {
        socket.unread(bytes);
        return false;
      }
      socket.unread(bytes.subarray(36));
      return offersTls;
    },
    async login(socket) {
      let answer = await readPacket(socket);
      for (const message of options.asks ?? []) {
        socket.write(packet((answer[3] ?? 0) + 1, message));
        answer = await readPacket(socket);
      }
    },
  };
}

/** The payload of a server's greeting. */
export function greeting(offersTls: boolean, plugin = 'mysql_native_password'): Buffer {
  const flags = capabilities | (offersTls ? offersTlsFlag : 0);
  const challenge = Buffer.from(randomBytes(20).toString('hex').slice(0, 20));
  const numbers = Buffer.alloc(16);
  numbers.writeUInt16LE(flags & 0xffff, 0);
  // Character set and status.
  numbers.writeUInt8(0x2d, 2);
  numbers.writeUInt16LE(0x0002, 3);
  numbers.writeUInt16LE(flags >>> 16, 5);
  numbers.writeUInt8(21, 7);
  return Buffer.concat([
    Buffer.from('\x0a5.5.5-10.11.0-MariaDB\0', 'latin1'),
    Buffer.from([1, 0, 0, 0]),
    challenge.subarray(0, 8),
    Buffer.from([0]),
    // 8 bytes of numbers, then 10 of which the last 4 are MariaDB's own capabilities.
    numbers.subarray(0, 8),
    Buffer.alloc(10),
    challenge.subarray(8),
    Buffer.from(`\0${plugin}\0`, 'latin1'),
  ]);
}

/** The payload with which a server asks for another authentication method. */
export function authSwitch(plugin: string): Buffer {
  return Buffer.concat([Buffer.from(`\xfe${plugin}\0`, 'latin1'), randomBytes(20), Buffer.from([0])]);
}

/** A payload with its header. */
export function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUInt8(sequence & 0xff, 3);
  return Buffer.concat([header, payload]);
}

async function readPacket(socket: TrapSocket): Promise<Buffer> {
  let bytes = await socket.read();
  while (bytes.length < 4 || bytes.length < 4 + bytes.readUIntLE(0, 3)) {
    bytes = Buffer.concat([bytes, await socket.read()]);
  }
  return bytes;
}
