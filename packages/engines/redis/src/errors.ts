import { type ErrorCode, quoted, RotationError } from '@keyturn/core';
import { causeOfRefusal } from './server-errors.ts';

/** Where a failure happened, and to whom. */
export interface Where {
  readonly endpoint: string;
  readonly user: string;
}

/** What was going on when it failed. */
export type Activity = 'connect' | 'tls' | 'login' | 'command';

/** What is known of a failure. */
export interface Cause {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy?: string | undefined;
  readonly driverCode?: string | undefined;
}

/**
 * The server has answered with an error. Its text stays in this folder: it may repeat what was sent, such as
 * the hash of a password.
 */
export class Refusal extends Error {
  /** The error's first word: `WRONGPASS`. */
  readonly word: string;

  constructor(text: string) {
    super(text);
    this.word = text.split(' ', 1)[0] ?? '';
  }
}

/** The certificate of the server was verified and refused. */
export class RefusedCertificate extends Error {
  readonly code: string;

  constructor(code: string) {
    super('refused certificate');
    this.code = code;
  }
}

/** What answers does not behave as a Redis server. */
export class NoRedis extends Error {
  /** It is TLS's way to say that it hears no TLS. */
  readonly isTlsAlert: boolean;

  constructor(isTlsAlert = false) {
    super('no answer of Redis');
    this.isTlsAlert = isTlsAlert;
  }
}

/** The server answers in the clear where TLS was asked for. */
export class OffersNoTls extends Error {}

/** The server hangs up on what is sent in the clear. */
export class WantsTls extends Error {}

/**
 * A socket's or the server's error as ours. Nothing of its text is taken over.
 * @param command what was asked, where the server has refused a command
 */
export function toRotationError(
  error: unknown,
  activity: Activity,
  { endpoint, user }: Where,
  command: readonly string[] = [],
): RotationError {
  if (error instanceof RotationError) return error;
  const { code, ...known } = causeOf(error as NodeJS.ErrnoException, activity, user, command);
  return new RotationError(code, { ...known, endpoint, user });
}

function causeOf(error: NodeJS.ErrnoException, activity: Activity, user: string, command: readonly string[]): Cause {
  if (error instanceof Refusal) {
    return error.word === 'NOPERM' ? missingRight(user, command) : causeOfRefusal(error.message, activity);
  }
  if (error instanceof RefusedCertificate) return ofCertificate(error.code);
  if (error instanceof OffersNoTls) return { code: 'tls-not-offered', message: 'the server answers in the clear' };
  if (error instanceof WantsTls) {
    return { code: 'tls-required', message: 'the server hangs up on what is sent in the clear' };
  }
  if (error instanceof NoRedis) {
    return activity === 'command'
      ? { code: 'connection-lost', message: 'the server sent what is no answer of a Redis server' }
      : { code: 'connection-refused', message: 'what answers at this port is no Redis server' };
  }
  return ofSocket(error.code, activity);
}

/** `ACL SETUSER` needs the right `+acl|setuser`. */
function missingRight(user: string, [container = '', subcommand]: readonly string[]): Cause {
  const named = [container, ...(container === 'PING' ? [] : [subcommand ?? ''])].join(' ').trim();
  return {
    code: 'missing-privilege',
    message: `the user that logged in may not run ${named}`,
    remedy: `Run as an administrator: ACL SETUSER ${quoted(user)} +${named.toLowerCase().replace(' ', '|')}`,
    driverCode: 'NOPERM',
  };
}

function ofCertificate(driverCode: string): Cause {
  if (driverCode === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { code: 'tls-wrong-host', message: 'the certificate of the server is not for this host', driverCode };
  }
  if (driverCode === 'CERT_HAS_EXPIRED' || driverCode === 'CERT_NOT_YET_VALID') {
    return {
      code: 'tls-untrusted',
      message: 'the certificate of the server has expired, or is not valid yet',
      remedy: 'Renew the certificate of the server.',
      driverCode,
    };
  }
  return { code: 'tls-untrusted', message: 'the certificate of the server cannot be verified', driverCode };
}

const socketCodes: ReadonlyMap<string, Omit<Cause, 'driverCode'>> = new Map([
  ['ENOTFOUND', { code: 'host-not-found', message: 'the name of the host cannot be resolved' }],
  ['EAI_AGAIN', { code: 'host-not-found', message: 'the name service does not answer' }],
  ['ECONNREFUSED', { code: 'connection-refused', message: 'nothing listens at this port' }],
  ['ETIMEDOUT', { code: 'connection-timed-out', message: 'the host does not answer' }],
  ['ERR_SOCKET_BAD_PORT', { code: 'invalid-secret', message: 'the port is none' }],
]);

const broken: readonly string[] = [
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
];

function ofSocket(reported: string | undefined, activity: Activity): Cause {
  const driverCode = plainName(reported);
  const known = socketCodes.get(driverCode ?? '');
  if (known !== undefined) return { ...known, driverCode };
  if (broken.includes(driverCode ?? '')) {
    return {
      code: 'connection-lost',
      message: `the connection broke off ${when[activity]}`,
      driverCode,
      ...hint(activity),
    };
  }
  if (activity === 'connect') {
    const lookup = driverCode?.startsWith('EAI_') || driverCode?.startsWith('ERR_INVALID');
    return lookup
      ? { code: 'host-not-found', message: 'the name of the host cannot be resolved', driverCode }
      : { code: 'host-unreachable', message: 'the host cannot be reached', driverCode };
  }
  if (activity === 'tls') return { code: 'tls-failed', message: 'the TLS handshake failed', driverCode };
  return { code: 'connection-lost', message: `the connection broke off ${when[activity]}`, driverCode };
}

/** A server with no connection left cannot say so before TLS is on. */
function hint(activity: Activity): { readonly remedy?: string } {
  if (activity !== 'tls') return {};
  return {
    remedy:
      'Retry. A server that has no connection left hangs up like this: close connections, or raise its maxclients. So does what is between the function and the server, where it does not let TLS pass.',
  };
}

/** A code as Node and the system have them; anything else is no code. */
function plainName(reported: string | undefined): string | undefined {
  return reported !== undefined && /^[A-Z][A-Z0-9_]{2,63}$/.test(reported) ? reported : undefined;
}

const when: Readonly<Record<Activity, string>> = {
  connect: 'before anything was said',
  tls: 'during the TLS handshake',
  login: 'during the login',
  command: 'during a command',
};
