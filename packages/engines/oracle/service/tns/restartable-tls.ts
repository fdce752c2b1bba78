import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import type { ServerCertificate } from '@keyturn/engine-conformance';

/**
 * The server's side of TLS, which can be begun anew on the same socket: so does a dedicated server to which the
 * listener has handed a connection.
 */
export class RestartableTls {
  readonly #socket: Socket;
  readonly #certificate: ServerCertificate;
  #below: Duplex;

  constructor(socket: Socket, certificate: ServerCertificate) {
    this.#socket = socket;
    this.#certificate = certificate;
    this.#below = this.#stream();
    socket.on('data', (bytes: Buffer) => this.#below.push(bytes));
    socket.on('end', () => this.#below.push(null));
    socket.on('close', () => this.#below.destroy());
  }

  /** A new session; what was there before is forgotten, and says no goodbye. */
  begin(): tls.TLSSocket {
    this.#below = this.#stream();
    const { certificate: cert, key } = this.#certificate;
    const secure = new tls.TLSSocket(this.#below, { isServer: true, cert, key });
    secure.on('error', () => this.#socket.destroy());
    return secure;
  }

  #stream(): Duplex {
    const socket = this.#socket;
    const stream: Duplex = new Duplex({
      read() {},
      write: (bytes: Buffer, _encoding, done) => void socket.write(bytes, done),
      final: (done) => {
        if (this.#below === stream) socket.end();
        done();
      },
    });
    stream.on('error', () => socket.destroy());
    return stream;
  }
}
