import { type Activity, type Cause, causeOfSocketError, errorOf, type Where } from '@keyturn/connection';
import { quoted, RotationError } from '@keyturn/core';
import { causeOfRefusal } from './server-errors.ts';

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
  where: Where,
  command: readonly string[] = [],
): RotationError {
  return error instanceof RotationError ? error : errorOf(causeOf(error, activity, where.user, command), where);
}

function causeOf(error: unknown, activity: Activity, user: string, command: readonly string[]): Cause {
  if (error instanceof Refusal) {
    return error.word === 'NOPERM' ? missingRight(user, command) : causeOfRefusal(error.message, activity);
  }
  if (error instanceof OffersNoTls) return { code: 'tls-not-offered', message: 'the server answers in the clear' };
  if (error instanceof WantsTls) {
    return { code: 'tls-required', message: 'the server hangs up on what is sent in the clear' };
  }
  if (error instanceof NoRedis) {
    return activity === 'statement'
      ? { code: 'connection-lost', message: 'the server sent what is no answer of a Redis server' }
      : { code: 'connection-refused', message: 'what answers at this port is no Redis server' };
  }
  const cause = causeOfSocketError(error, activity);
  return activity === 'tls' && cause.code === 'connection-lost' ? { ...cause, remedy: hungUp } : cause;
}

/** A server with no connection left cannot say so before TLS is on. */
const hungUp =
  'Retry. A server that has no connection left hangs up like this: close connections, or raise its maxclients. So does what is between the function and the server, where it does not let TLS pass.';

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
