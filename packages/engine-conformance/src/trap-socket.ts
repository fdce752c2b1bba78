import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A trap's view of a connection: it hands out what arrives, piece by piece, and records all of it. */
export class TrapSocket {
  readonly #socket: Socket;
  readonly #pieces: Buffer[] = [];
  #take: (bytes: Buffer) => void;
  #over = false;
  #wake: () => void = () => {};

  /** @param record called with everything that arrives, read or not, also after {@link TrapSocket.release} */
  constructor(socket: Socket, record: (bytes: Buffer) => void) {
    this.#socket = socket;
    this.#take = (bytes) => {
      this.#pieces.push(bytes);
      this.#wake();
    };
    const end = () => {
      this.#over = true;
      this.#wake();
    };
    socket.on('data', (bytes: Buffer) => {
      record(bytes);
      this.#take(bytes);
    });
    socket.on('end', end).on('close', end).on('error', end);
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** What arrives next. @throws Error when the client is gone */
  async read(): Promise<Buffer> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) return piece;
      if (this.#over) throw new Error('the client is gone');
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  /** Gives back bytes that are not the caller's to read; they come first in the next {@link TrapSocket.read}. */
  unread(bytes: Buffer): void {
    if (bytes.length > 0) this.#pieces.unshift(bytes);
  }

  /** Everything that is not read yet, as a stream for TLS to run on. */
  release(): Duplex {
    const socket = this.#socket;
    const stream = new Duplex({
      read() {},
      write: (bytes: Buffer, _encoding, done) => void socket.write(bytes, done),
      final: (done) => void socket.end(done),
      destroy(error, done) {
        socket.destroy();
        done(error);
      },
    });
    stream.on('error', () => socket.destroy());
    for (const piece of this.#pieces.splice(0)) stream.push(piece);
    this.#take = (bytes) => void stream.push(bytes);
    socket.on('end', () => stream.push(null));
    socket.on('close', () => stream.destroy());
    return stream;
  }
}
