import type { Where } from '@keyturn/connection';
import { type ErrorCode, type Login, RotationError } from '@keyturn/core';
import { codeOf, routineOf } from '@keyturn/driver-pg';
import { printableName } from './quoting.ts';

/**
 * Says what a refused login means, by SQLSTATE and by the server's routine. PostgreSQL 8 has no SQLSTATE of its own for
 * a wrong password: it is 28000, as is a refusal by address or a user without LOGIN.
 */
export function loginError(error: unknown, login: Login, where: Where): RotationError {
  const driverCode = codeOf(error) ?? '';
  const fail = (code: ErrorCode, message: string, remedy?: string) =>
    new RotationError(code, { ...where, message, driverCode, remedy });
  const user = printableName(login.username);

  switch (driverCode) {
    case '28P01':
      return fail('login-failed', refused, wrongPassword(user));
    case '28000':
      return invalidAuthorization(routineOf(error), login, user, fail);
    case '3D000':
      return fail('unknown-database', 'the database does not exist');
    case '42501':
      return fail(
        'missing-privilege',
        'the user may not use the database',
        `Run: GRANT USAGE ON DATABASE ${login.database === undefined ? 'of the secret' : printableName(login.database)} TO ${user}`,
      );
    case '53300':
      return fail('too-many-connections', 'the cluster, the database or the user has no connection left');
    case '57P01':
    case '57P02':
    case '57P03':
      return fail('server-not-ready', 'the server takes no logins now');
  }
  if (/^(53|58|XX|08)/.test(driverCode)) return fail('server-not-ready', 'the server could not handle the login');
  return fail(
    'login-not-allowed',
    'the server refused the login',
    'See the driver code (SQLSTATE) and STL_CONNECTION_LOG.',
  );
}

const refused = 'the server refused the password';

function wrongPassword(user: string): string {
  return (
    'Check that the password in the secret is the one that the database has. Redshift gives the same answer for a ' +
    `password whose VALID UNTIL has passed (ALTER USER ${user} VALID UNTIL 'infinity' extends it) and for PASSWORD DISABLE.`
  );
}

function invalidAuthorization(
  routine: string,
  login: Login,
  user: string,
  fail: (code: ErrorCode, message: string, remedy?: string) => RotationError,
): RotationError {
  if (routine === 'InitializeSessionUserId') {
    return fail(
      'account-locked',
      'the user may not log in',
      `Run: ALTER USER ${user} LOGIN PASSWORD with a password, and store that in the secret.`,
    );
  }
  if (routine !== 'ClientAuthentication') return fail('login-failed', refused, wrongPassword(user));
  return login.tls === false
    ? fail(
        'tls-required',
        'the cluster lets nobody in without TLS',
        'Remove "ssl": false from the secret; if plaintext is meant, set require_ssl to false in the parameter group.',
      )
    : fail('login-not-allowed', 'the cluster lets this user not log in from here');
}
