import { type ErrorCode, RotationError } from '@keyturn/core';
import { RefusedCertificate } from './tls-handshake.ts';
import type { Where } from './where.ts';

/** What is known of a failure, in our words: nothing of a driver's text is in it. */
export interface Cause {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy?: string | undefined;
  readonly driverCode?: string | undefined;
}

/** What was going on when it failed. */
export type Activity = 'connect' | 'tls' | 'login' | 'statement';

/** The error of a cause. */
export function errorOf({ code, ...known }: Cause, { endpoint, user }: Where): RotationError {
  return new RotationError(code, { ...known, endpoint, user });
}

/** What a refused certificate means, by Node's code. */
export function causeOfCertificate(driverCode: string): Cause {
  if (driverCode === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { code: 'tls-wrong-host', message: 'the certificate of the server is not for this host', driverCode };
  }
  if (driverCode === 'CERT_HAS_EXPIRED' || driverCode === 'CERT_NOT_YET_VALID') {
    return {
      code: 'tls-untrusted',
      message: 'the certificate of the server has expired, or is not valid yet',
      remedy: 'Renew the certificate of the server, or set the clock of the machine that made it.',
      driverCode,
    };
  }
  return { code: 'tls-untrusted', message: 'the certificate of the server cannot be verified', driverCode };
}

const socketCodes: ReadonlyMap<string, Omit<Cause, 'driverCode'>> = new Map<string, Omit<Cause, 'driverCode'>>([
  ['ENOTFOUND', { code: 'host-not-found', message: 'the name of the host cannot be resolved' }],
  ['EAI_AGAIN', { code: 'host-not-found', message: 'the name service does not answer' }],
  ['ECONNREFUSED', { code: 'connection-refused', message: 'nothing listens at this port' }],
  ['ETIMEDOUT', { code: 'connection-timed-out', message: 'the host does not answer' }],
  ['ERR_SOCKET_BAD_PORT', { code: 'invalid-secret', message: 'the port is not a number between 1 and 65535' }],
]);

const broken: readonly string[] = [
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_WRITE_AFTER_END',
];

const when: Readonly<Record<Activity, string>> = {
  connect: 'before the server had said anything',
  tls: 'during the TLS handshake',
  login: 'during the login',
  statement: 'during a statement',
};

/**
 * What an error of Node's sockets or of the TLS handshake means. An error with a code that nobody knows is
 * taken for a broken connection, or for a failed handshake while there is one.
 */
export function causeOfSocketError(error: unknown, activity: Activity): Cause {
  if (error instanceof RefusedCertificate) return causeOfCertificate(error.code);
  const driverCode = codeOf(error);
  const known = socketCodes.get(driverCode ?? '');
  if (known !== undefined) return { ...known, driverCode };
  if (broken.includes(driverCode ?? '')) {
    return { code: 'connection-lost', message: `the connection broke off ${when[activity]}`, driverCode };
  }
  if (activity === 'connect') {
    const lookup = driverCode?.startsWith('EAI_') || driverCode?.startsWith('ERR_INVALID');
    return lookup
      ? { code: 'host-not-found', message: 'the name of the host cannot be resolved', driverCode }
      : { code: 'host-unreachable', message: 'the host cannot be reached', driverCode };
  }
  if (activity === 'tls') return { code: 'tls-failed', message: 'the TLS handshake failed', driverCode };
  return {
    code: 'connection-lost',
    message: `the server sent what the driver cannot read ${when[activity]}`,
    driverCode,
  };
}

/** An error's code as Node and the system have them, such as `ECONNRESET`; anything else is no code. */
export function codeOf(error: unknown): string | undefined {
  return plainCode((error as { readonly code?: unknown } | null | undefined)?.code);
}

/** The same of a code at hand: what a server may have made up is no code. */
export function plainCode(reported: unknown): string | undefined {
  return typeof reported === 'string' && /^[A-Z][A-Z0-9_]{2,63}$/.test(reported) ? reported : undefined;
}
