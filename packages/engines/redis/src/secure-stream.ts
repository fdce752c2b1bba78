import type { Socket } from 'node:net';
import * as tls from 'node:tls';
import { handshake, RefusedCertificate } from '@keyturn/connection';
import type { VerifiedTls } from '@keyturn/core';
import { OffersNoTls } from './errors.ts';

/** What looks whether the server answers in the clear. */
export type Probe = () => Promise<boolean>;

/**
 * Makes the TLS handshake on an open socket, with the options as they are. No session is resumed.
 *
 * A Redis without TLS reads the handshake as an unfinished line and says nothing. After `patienceMs`, and
 * where the handshake fails, `probe` finds out; it decides nothing but which error there is.
 * @throws RefusedCertificate; OffersNoTls; the error of the handshake
 */
export async function secureStream(
  socket: Socket,
  options: VerifiedTls,
  probe: Probe,
  patienceMs: number,
): Promise<Socket> {
  const secure = tls.connect({ ...options, socket });
  let shaking = true;
  const impatience = setTimeout(() => {
    void probe().then((inTheClear) => {
      if (inTheClear && shaking) secure.destroy(new OffersNoTls());
    });
  }, patienceMs);
  try {
    await handshake(secure);
  } catch (error) {
    const certain = error instanceof RefusedCertificate || error instanceof OffersNoTls;
    throw !certain && (await probe()) ? new OffersNoTls() : error;
  } finally {
    shaking = false;
    clearTimeout(impatience);
  }
  return secure;
}
