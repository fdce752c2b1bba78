import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { handshake } from '@keyturn/connection';
import type { VerifiedTls } from '@keyturn/core';

/** The packet with which the client asks for TLS: a header, and 32 bytes that name nobody. */
const tlsRequestBytes = 36;

/**
 * The stream that the driver speaks through, first over the plain socket, then over TLS.
 *
 * The driver's own way to TLS verifies the certificate of a host given as an IP address against the name
 * "localhost", takes no check of ours, and resumes sessions; so the handshake is made here, with our
 * options as they are. Where TLS is asked for, this stream hands the driver nothing that came in the clear
 * after the greeting, and lets it send nothing in the clear but the request for TLS.
 */
export class Transport extends Duplex {
  readonly #socket: Socket;
  /** What is relayed; undefined between the greeting and the end of the TLS handshake. */
  #stream: Socket | undefined;
  #secure: tls.TLSSocket | undefined;
  /** Bytes that may still be sent in the clear; undefined: all. */
  #clearBytes: number | undefined;

  /** @param greeting what has been read of the socket already */
  constructor(socket: Socket, greeting: Buffer, needsTls: boolean) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    socket.on('error', (error) => this.#over(error));
    socket.on('close', () => this.#over());
    if (socket.destroyed) process.nextTick(() => this.#over(socket.errored ?? undefined));
    this.push(greeting);
    if (needsTls) this.#clearBytes = tlsRequestBytes;
    else this.#relay(socket);
  }

  /** Whether TLS, verified, is on. */
  get encrypted(): boolean {
    return this.#secure !== undefined && this.#stream === this.#secure;
  }

  /**
   * Makes the TLS handshake. What is written meanwhile waits for its end.
   * @throws RefusedCertificate; the error of the handshake
   */
  async startTls(options: VerifiedTls): Promise<void> {
    const secure = tls.connect({ ...options, socket: this.#socket });
    this.#secure = secure;
    await handshake(secure);
    secure.on('error', (error) => this.#over(error));
    secure.on('close', () => this.#over());
    this.#relay(secure);
  }

  override _read(): void {
    this.#stream?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#secure === undefined && this.#clearBytes !== undefined) {
      if (chunk.length > this.#clearBytes) {
        done(new Error('the driver was about to send its login without TLS'));
        return;
      }
      this.#clearBytes -= chunk.length;
    }
    (this.#secure ?? this.#socket).write(chunk, done);
  }

  override _final(done: () => void): void {
    (this.#secure ?? this.#socket).end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#secure?.destroy();
    this.#socket.destroy();
    done(error);
  }

  #relay(stream: Socket): void {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stream.pause();
    });
    stream.on('end', () => this.push(null));
  }

  /** The driver takes an end for a lost connection; during the TLS handshake, startTls tells of it. */
  #over(error?: Error): void {
    const handshaking = this.#secure !== undefined && !this.encrypted;
    if (!handshaking && !this.destroyed) this.destroy(error);
  }
}
