import type { Where } from '@keyturn/connection';
import { RotationError } from '@keyturn/core';
import { codeOf, routineOf, sessionEnded } from '@keyturn/driver-pg';

/**
 * What the server says to a statement, where that has a code of its own.
 * @param sets what the statement sets: an error of the class "data exception" means a password rule only where it is one
 */
export function statementError(error: unknown, where: Where, sets: 'password' | 'rights' = 'password'): RotationError {
  const ended = sessionEnded(error, where);
  if (ended !== undefined) return ended;
  const driverCode = codeOf(error) ?? '';
  const details = { ...where, driverCode };
  if (driverCode === '25006') {
    return new RotationError('read-only-server', { ...details, message: 'the server takes no writes' });
  }
  if (driverCode === '42704') {
    return new RotationError('statement-failed', {
      ...details,
      message: 'the role does not exist',
      remedy: 'Check username in the secret: the server has no role of this name.',
    });
  }
  if (driverCode === '57014') {
    return new RotationError('statement-failed', {
      ...details,
      message: 'the server cancelled the statement, for it took too long',
      remedy: 'See which session holds a lock on the role (pg_stat_activity, pg_locks), then rotate again.',
    });
  }
  if (sets === 'password' && isPasswordRule(driverCode, routineOf(error))) {
    return new RotationError('password-refused', {
      ...details,
      message: "the server's password rules refused the password",
    });
  }
  return new RotationError('statement-failed', {
    ...details,
    message: 'the server refused the statement',
    remedy: 'See the driver code (SQLSTATE), and the log of the server.',
  });
}

/**
 * The hook for password checks raises what it likes: passwordcheck 22023, and others anything of the
 * classes "data exception" and "invalid authorization". No other part of ALTER ROLE … PASSWORD does.
 */
function isPasswordRule(driverCode: string, routine: string): boolean {
  return /^(22|28)/.test(driverCode) || /^check_password|password_?check/i.test(routine);
}
