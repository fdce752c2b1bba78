import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import type { VerifiedTls } from '@keyturn/core';

/** The certificate of the server was verified and refused. */
export class RefusedCertificate extends Error {
  /** Node's code: `ERR_TLS_CERT_ALTNAME_INVALID`, `CERT_HAS_EXPIRED`, `SELF_SIGNED_CERT_IN_CHAIN`. */
  readonly code: string;

  constructor(code: string) {
    super('refused certificate');
    this.code = code;
  }
}

/**
 * Makes the TLS handshake on an open socket, with the options as they are. No session is resumed, so the
 * certificate is verified each time.
 * @throws RefusedCertificate; the error of the handshake
 */
export async function secureSocket(socket: Duplex, options: VerifiedTls): Promise<tls.TLSSocket> {
  const secure = tls.connect({ ...options, socket });
  await handshake(secure);
  return secure;
}

/** Waits for the end of a handshake that has begun. @throws RefusedCertificate; the error of the handshake */
export function handshake(secure: tls.TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    secure.once('secureConnect', () => {
      if (secure.authorized) resolve();
      else reject(new RefusedCertificate('CERT_REJECTED'));
    });
    // Stays for good: an error that comes while nobody listens must not end the process.
    secure.on('error', (error: NodeJS.ErrnoException) => {
      // Node sets this if, and only if, the verification of the certificate failed.
      const refused = secure.authorizationError !== null && secure.authorizationError !== undefined;
      reject(refused ? new RefusedCertificate(error.code ?? 'CERT_REJECTED') : error);
    });
    secure.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}
