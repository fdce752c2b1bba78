import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import { TrapSocket } from '@keyturn/engine-conformance';
import type { Result } from './execute.ts';
import type { ServerFailure } from './failure.ts';

/** What the double offers: and nothing that it does not do. */
export const capabilities = {
  connectWithDatabase: 0x8,
  protocol41: 0x200,
  tls: 0x800,
  secureConnection: 0x8000,
  multiResults: 0x2_0000,
  pluginAuth: 0x8_0000,
  connectAttributes: 0x10_0000,
  lengthEncodedAuth: 0x20_0000,
  expiredPasswords: 0x40_0000,
} as const;

const offered: number =
  Object.values(capabilities).reduce((sum, flag) => sum | flag, 0x1 | 0x2 | 0x4 | 0x2000) & ~0x800;

/** Bytes that no client of this protocol sends; the connection ends. */
export class WrongBytes extends Error {}

/** Packets on a connection, each with its number in the conversation. */
export class PacketStream {
  readonly #stream: Socket;
  readonly #socket: TrapSocket;
  #sequence: number;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, sequence = 0) {
    this.#stream = socket;
    this.#socket = new TrapSocket(socket, () => {});
    this.#sequence = sequence;
  }

  /** Starts a new exchange: the next packet has the number 0. */
  restart(): void {
    this.#sequence = 0;
  }

  /** Goes on inside TLS. */
  secure(options: TLSSocketOptions): PacketStream {
    this.#socket.unread(this.#bytes);
    const clear = this.#socket.release();
    const secure = new TLSSocket(clear as Socket, { ...options, isServer: true });
    secure.on('error', () => clear.destroy());
    return new PacketStream(secure, this.#sequence);
  }

  /** The next packet; undefined when the client has gone. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const whole = this.#whole();
      if (whole !== undefined) return whole;
      const chunk = await this.#socket.read().catch(() => undefined);
      if (chunk === undefined) return undefined;
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
    }
  }

  write(payload: Buffer): void {
    const header = Buffer.alloc(4);
    header.writeUIntLE(payload.length, 0, 3);
    header.writeUInt8(this.#sequence, 3);
    this.#sequence = (this.#sequence + 1) & 0xff;
    this.#socket.write(Buffer.concat([header, payload]));
  }

  /** Sends what was written, and ends the connection. */
  end(): void {
    this.#stream.end();
  }

  #whole(): Buffer | undefined {
    if (this.#bytes.length < 4) return undefined;
    const length = this.#bytes.readUIntLE(0, 3);
    if (length > 1_000_000) throw new WrongBytes('a packet of this length');
    if (this.#bytes.length < 4 + length) return undefined;
    if (this.#bytes[3] !== this.#sequence) throw new WrongBytes('packets out of order');
    const payload = this.#bytes.subarray(4, 4 + length);
    this.#bytes = this.#bytes.subarray(4 + length);
    this.#sequence = (this.#sequence + 1) & 0xff;
    return payload;
  }
}

/** Bytes for a client to prove its password with: text, for they end in NUL. */
export function newChallenge(): Buffer {
  return Buffer.from(randomBytes(20).map((byte) => byte & 0x7f || 1));
}

/** @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html */
export function greetingPacket(version: string, id: number, challenge: Buffer, plugin: string, tls: boolean): Buffer {
  const flags = offered | (tls ? capabilities.tls : 0);
  const numbers = Buffer.alloc(8);
  numbers.writeUInt16LE(flags & 0xffff, 0);
  numbers.writeUInt8(45, 2);
  numbers.writeUInt16LE(0x0002, 3);
  numbers.writeUInt16LE(flags >>> 16, 5);
  numbers.writeUInt8(21, 7);
  const number = Buffer.alloc(4);
  number.writeUInt32LE(id);
  return Buffer.concat([
    Buffer.from(`\x0a${version}\0`, 'latin1'),
    number,
    challenge.subarray(0, 8),
    Buffer.alloc(1),
    numbers,
    Buffer.alloc(10),
    challenge.subarray(8, 20),
    Buffer.from(`\0${plugin}\0`, 'latin1'),
  ]);
}

export function okPacket(): Buffer {
  return Buffer.from([0, 0, 0, 2, 0, 0, 0]);
}

export function errorPacket({ errno, sqlState, message }: ServerFailure): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt8(0xff, 0);
  head.writeUInt16LE(errno, 1);
  return Buffer.concat([head, Buffer.from(`#${sqlState}${message}`, 'utf8')]);
}

/** Writes rows in the text protocol. */
export function writeResult(packets: PacketStream, { columns, rows }: Result): void {
  const eof = Buffer.from([0xfe, 0, 0, 2, 0]);
  packets.write(Buffer.from([columns.length]));
  for (const name of columns) {
    const numeric = rows.some((row) => typeof row[name] === 'number') ? 0x08 : 0xfd;
    packets.write(
      Buffer.concat([
        ...['def', '', '', '', name, name].map(lengthCoded),
        Buffer.from([0x0c, numeric === 0x08 ? 0x3f : 45, 0, 0xff, 0xff, 0, 0, numeric, 0, 0, 0, 0, 0]),
      ]),
    );
  }
  packets.write(eof);
  for (const row of rows) {
    const cells = columns.map((name) => {
      const cell = row[name];
      return cell === null || cell === undefined ? Buffer.from([0xfb]) : lengthCoded(String(cell));
    });
    packets.write(Buffer.concat(cells));
  }
  packets.write(eof);
}

function lengthCoded(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length < 251) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const head = Buffer.alloc(3);
  head.writeUInt8(0xfc, 0);
  head.writeUInt16LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
