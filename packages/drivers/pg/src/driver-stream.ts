import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * The stream that the driver gets in place of a socket of its own: one that is connected already. It
 * also stops what the driver's parser throws at bytes that it does not understand; thrown from a
 * socket's listener, that would end the process.
 */
export class DriverStream extends EventEmitter {
  readonly #socket: Socket;

  /**
   * @param admit sees the server's bytes before the driver, and returns those that the driver may see
   * @param fail told when the driver cannot read what the server sent
   */
  constructor(socket: Socket, admit: (bytes: Buffer) => Buffer, fail: () => void) {
    super();
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      const admitted = admit(bytes);
      if (admitted.length === 0) return;
      try {
        this.emit('data', admitted);
      } catch {
        // What the driver says of it may quote the bytes; that it could not read them is enough.
        fail();
      }
    });
    socket.on('end', () => this.emit('end'));
    socket.on('close', () => this.emit('close'));
    socket.on('error', (error) => this.emit('error', error));
  }

  /** What `pg` takes as its stream. It uses only the methods below, and this class's events. */
  asDuplex(): Duplex {
    return this as unknown as Duplex;
  }

  get writable(): boolean {
    return this.#socket.writable;
  }

  /** The driver's order to connect: done already. */
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  write(bytes: Buffer, done?: () => void): boolean {
    return this.#socket.write(bytes, done);
  }

  end(): this {
    this.#socket.end();
    return this;
  }

  destroy(): this {
    this.#socket.destroy();
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    this.#socket.ref();
    return this;
  }

  unref(): this {
    this.#socket.unref();
    return this;
  }
}
