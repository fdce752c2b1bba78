import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { firstMessage, headerBytes, packets, packetType } from './packets.ts';

/**
 * The stream on which TLS is spoken: while the handshake lasts, each flight of it travels as one PRELOGIN
 * message, and after it TLS records go as they are ([MS-TDS] 3.2.5.2, 3.2.5.3).
 */
export class TlsInPackets extends Duplex {
  readonly #socket: Socket;
  #unread: Buffer = Buffer.alloc(0);
  #handshaking = true;

  constructor(socket: Socket) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** The handshake is done: from now on nothing is wrapped. */
  handshakeDone(): void {
    this.#handshaking = false;
    const rest = this.#unread;
    this.#unread = Buffer.alloc(0);
    if (rest.length > 0) this.push(rest);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done);
  }

  /** All that TLS has to say at a time is one flight: the server answers each message, so it must be one. */
  override _writev(
    chunks: { readonly chunk: Buffer; readonly encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #send(bytes: Buffer, done: (error?: Error | null) => void): void {
    this.#socket.write(this.#handshaking ? packets(packetType.prelogin, bytes) : bytes, done);
  }

  #receive(bytes: Buffer): void {
    if (!this.#handshaking) {
      if (!this.push(bytes)) this.#socket.pause();
      return;
    }
    this.#unread = Buffer.concat([this.#unread, bytes]);
    try {
      while (this.#unread.length >= headerBytes) {
        const message = firstMessage(this.#unread);
        if (message === undefined) return;
        if (message.type !== packetType.prelogin && message.type !== packetType.reply) throw new Error('no handshake');
        this.#unread = message.rest;
        this.push(message.payload);
      }
    } catch {
      this.destroy(Object.assign(new Error('not a TLS handshake'), { code: 'EPROTO' }));
    }
  }
}
