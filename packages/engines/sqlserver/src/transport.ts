import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { secureSocket } from '@keyturn/connection';
import type { VerifiedTls } from '@keyturn/core';
import { firstMessage, headerBytes, isLastPacket, packets, packetType } from './packets.ts';
import { encryption, prelogin } from './prelogin.ts';
import { TlsInPackets } from './tls-in-packets.ts';

/**
 * Makes the TLS handshake inside packets, with our options as they are, up to TLS 1.2: what comes after the
 * handshake in TLS 1.3 has no place in this protocol.
 * @throws RefusedCertificate; the error of the handshake
 */
export async function secureInPackets(socket: Socket, options: VerifiedTls): Promise<Duplex> {
  const packed = new TlsInPackets(socket);
  // TLS takes any Duplex for a socket.
  const secure = await secureSocket(packed, { ...options, secureContext: contextOf(options) });
  packed.handshakeDone();
  return secure;
}

const contexts = new WeakMap<readonly string[], tls.SecureContext>();

/** Parsing some hundred certificates takes milliseconds: once for each list of authorities. */
function contextOf({ ca, minVersion }: VerifiedTls): tls.SecureContext {
  const known = contexts.get(ca);
  if (known !== undefined) return known;
  const context = tls.createSecureContext({ ca, minVersion, maxVersion: 'TLSv1.2' });
  contexts.set(ca, context);
  return context;
}

/**
 * What the driver takes for its socket. PRELOGIN and TLS are over when it gets this: its own PRELOGIN goes no
 * further, and the answer is that there is nothing to encrypt. So the driver's own TLS, which parses all
 * authorities at each login, is never used, and it cannot send a login before the handshake is verified.
 *
 * A server that refuses a login says why and hangs up. The driver takes whichever it notices first; so an end that
 * follows a whole answer is kept from it until it asks for something again.
 */
export class Transport extends Duplex {
  readonly #stream: Duplex;
  readonly #answers = new AnswerReader();
  #unread: Buffer | undefined = Buffer.alloc(0);
  #over: { readonly error: Error | undefined } | undefined;

  constructor(stream: Duplex) {
    super({ allowHalfOpen: false });
    this.#stream = stream;
    stream.on('data', (bytes: Buffer) => {
      this.#answers.read(bytes);
      if (!this.push(bytes)) stream.pause();
    });
    stream.on('end', () => this.#end(undefined));
    stream.on('error', (error) => this.#end(error));
    stream.on('close', () => this.#end(undefined));
    if (stream.destroyed) process.nextTick(() => this.#end(stream.errored ?? undefined));
  }

  /** Whether nothing can be sent any more. */
  get isOver(): boolean {
    return this.destroyed || this.#over !== undefined;
  }

  /** The driver asks its socket for these; they were set when it was opened. */
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#over !== undefined) {
      done(this.#over.error ?? closed());
      return;
    }
    if (this.#unread === undefined) {
      this.#answers.isAwaited = true;
      this.#stream.write(chunk, done);
      return;
    }
    this.#unread = Buffer.concat([this.#unread, chunk]);
    const message = firstMessage(this.#unread);
    if (message !== undefined) {
      if (message.type !== packetType.prelogin || message.rest.length > 0) {
        done(new Error('the driver began in an unexpected way'));
        return;
      }
      this.#unread = undefined;
      this.push(packets(packetType.reply, prelogin(encryption.notSupported)));
    }
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#over === undefined) this.#stream.end();
    else this.destroy();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stream.destroy();
    done(error);
  }

  #end(error: Error | undefined): void {
    if (this.#over !== undefined) return;
    this.#over = { error };
    if (this.#answers.isAwaited || this.writableEnded)
      this.destroy(error ?? (this.writableEnded ? undefined : closed()));
  }
}

/** Follows the packets of the server: whether the answer to what was last asked is whole. */
class AnswerReader {
  isAwaited = false;
  #header: Buffer = Buffer.alloc(0);
  /** Bytes of the packet that are still to come. */
  #left = 0;

  read(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left === 0) {
        const part = bytes.subarray(at, at + headerBytes - this.#header.length);
        this.#header = Buffer.concat([this.#header, part]);
        at += part.length;
        if (this.#header.length < headerBytes) return;
        this.#left = Math.max(0, this.#header.readUInt16BE(2) - headerBytes);
      }
      const taken = Math.min(this.#left, bytes.length - at);
      at += taken;
      this.#left -= taken;
      if (this.#left > 0) return;
      this.isAwaited = !isLastPacket(this.#header);
      this.#header = Buffer.alloc(0);
    }
  }
}

function closed(): Error {
  return Object.assign(new Error('closed'), { code: 'ECONNRESET' });
}
