import type { Duplex as Stream } from 'node:stream';
import { Duplex } from 'node:stream';

const headerBytes = 8;
const handshakeType = 0x12;
const endOfMessage = 0x01;
const room = 4088;

/** The first byte of a TLS record that holds the application's data: the handshake is over by then. */
const applicationData = 0x17;

/**
 * The stream under TLS: while the handshake lasts it travels in packets, after it as it is ([MS-TDS] 3.3.5.2). The
 * first record that is none of the handshake's tells that it is over, whichever side it comes from.
 */
export class HandshakeInPackets extends Duplex {
  readonly #socket: Stream;
  #unread: Buffer = Buffer.alloc(0);
  #over = false;

  constructor(socket: Stream) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('end', () => this.push(null));
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
    // It may have been paused for as long as nobody read it.
    socket.resume();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: { readonly chunk: Buffer; readonly encoding: BufferEncoding }[], done: () => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #send(bytes: Buffer, done: () => void): void {
    if (bytes[0] === applicationData) this.#over = true;
    if (!this.#socket.destroyed) this.#socket.write(this.#over ? bytes : inPackets(bytes));
    done();
  }

  #receive(bytes: Buffer): void {
    if (this.#over) {
      this.push(bytes);
      return;
    }
    this.#unread = Buffer.concat([this.#unread, bytes]);
    while (this.#unread.length > 0) {
      if (this.#unread[0] !== handshakeType && this.#unread[0] !== 0x04) {
        this.#over = true;
        this.push(this.#unread);
        this.#unread = Buffer.alloc(0);
        return;
      }
      if (this.#unread.length < headerBytes) return;
      const length = this.#unread.readUInt16BE(2);
      if (length < headerBytes) {
        this.destroy();
        return;
      }
      if (this.#unread.length < length) return;
      this.push(this.#unread.subarray(headerBytes, length));
      this.#unread = this.#unread.subarray(length);
    }
  }
}

function inPackets(bytes: Buffer): Buffer {
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += room) {
    const part = bytes.subarray(at, at + room);
    const header = Buffer.from([handshakeType, at + room >= bytes.length ? endOfMessage : 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt16BE(part.length + headerBytes, 2);
    out.push(header, part);
  }
  return Buffer.concat(out);
}
