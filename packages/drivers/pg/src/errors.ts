import type { Where } from '@keyturn/connection';
import { type ErrorCode, type ErrorDetails, RotationError } from '@keyturn/core';

/** How far a login has come: it decides what an error means, and what a time-out waited for. */
export type Phase = 'lookup' | 'connect' | 'ask-for-tls' | 'tls' | 'login';

const waits: Readonly<Record<Phase, string>> = {
  lookup: 'the lookup of the host name',
  connect: 'the TCP connection',
  'ask-for-tls': "the server's answer to the request for TLS",
  tls: 'the TLS handshake',
  login: 'the login',
};

/** The error of a wait that took too long, or that Lambda left no more time for. */
export function timedOut(where: Where, phase: Phase | 'statement'): RotationError {
  const wait = phase === 'statement' ? 'a statement' : waits[phase];
  const remedy =
    phase === 'lookup' || phase === 'connect'
      ? {}
      : {
          remedy:
            'The server took the connection but did not answer in time: check its load, its locks, and what stands between.',
        };
  return new RotationError('connection-timed-out', { ...where, message: `${wait} was not done in time`, ...remedy });
}

/** The error of a connection that broke off after the login. */
export function lost(where: Where, driverCode?: string): RotationError {
  return new RotationError('connection-lost', { ...where, message: 'the connection broke off', driverCode });
}

/** Before the login is over there is no statement whose effect could be in doubt. */
function lostEarly(where: Where, phase: Phase, driverCode: string | undefined): RotationError {
  return new RotationError('connection-lost', {
    ...where,
    message: `the connection broke off during ${waits[phase]}`,
    driverCode,
    remedy: 'Check what stands between the function and the server, and the log of the server; then retry.',
  });
}

/** The error of a socket, at any phase before the server says anything about the login. */
export function socketError(error: unknown, where: Where, phase: Phase): RotationError {
  const driverCode = codeOf(error);
  const fail = (code: ErrorCode, message: string, more: Partial<ErrorDetails> = {}) =>
    new RotationError(code, { ...where, message, driverCode, ...more });
  switch (driverCode) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return fail('host-not-found', 'the host name has no address');
    case 'ECONNREFUSED':
      return fail('connection-refused', 'nothing listens at the port');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
      return fail('host-unreachable', 'there is no way to the host');
    case 'ETIMEDOUT':
      return timedOut(where, phase);
    case 'ERR_SOCKET_BAD_PORT':
      return fail('invalid-secret', 'the port is not a number between 1 and 65535');
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return fail('tls-wrong-host', 'the certificate of the server does not hold the host name');
    case 'CERT_HAS_EXPIRED':
      return fail('tls-untrusted', 'the certificate of the server has expired', {
        remedy: 'Renew the certificate of the server.',
      });
    case 'CERT_NOT_YET_VALID':
      return fail('tls-untrusted', 'the certificate of the server is not valid yet', {
        remedy: 'Check the clock of the server that made the certificate, and renew it.',
      });
  }
  const isTlsLibrary = driverCode?.startsWith('ERR_') === true || driverCode === 'EPROTO';
  if (phase === 'tls' && isTlsLibrary) return fail('tls-failed', 'the TLS handshake failed');
  // OpenSSL has a name of several words for each fault of a chain; the codes of the system are one word.
  if (phase === 'tls' && driverCode !== undefined && /_|^UNSPECIFIED$/.test(driverCode)) {
    return fail('tls-untrusted', 'the certificate of the server is not trusted');
  }
  return lostEarly(where, phase, driverCode);
}

/** The code that Node or the driver gave an error, if it is one word in capitals. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : undefined;
}

/** The name of the server's C function that raised an error: it is never translated. */
export function routineOf(error: unknown): string {
  const routine = (error as { readonly routine?: unknown } | null | undefined)?.routine;
  return typeof routine === 'string' ? routine : '';
}

/** Whether this is an answer of the server, and not a fault of the connection: only answers have a SQLSTATE. */
export function isServerAnswer(error: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test(codeOf(error) ?? '') && /\d/.test(codeOf(error) ?? '') && routineOrSeverity(error);
}

function routineOrSeverity(error: unknown): boolean {
  return typeof (error as { readonly severity?: unknown }).severity === 'string';
}
