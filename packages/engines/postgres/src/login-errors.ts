import type { Where } from '@keyturn/connection';
import { type ErrorCode, type ErrorDetails, type Login, RotationError } from '@keyturn/core';
import { codeOf, routineOf } from '@keyturn/driver-pg';
import { printableName } from './quoting.ts';

/** The server asked for the password itself, as it does for IAM, PAM, LDAP and RADIUS. */
const cleartext = 3;

/**
 * Says what a failed login means, by SQLSTATE and by the server's routine, never by its translated text
 * (PostgreSQL manual, appendix A; postinit.c, miscinit.c and auth.c of the server).
 * @param asked the number of the request by which the server asked for the password
 */
export function loginError(error: unknown, login: Login, where: Where, asked: number | undefined): RotationError {
  const driverCode = codeOf(error) ?? '';
  const fail = (code: ErrorCode, message: string, remedy?: string) =>
    new RotationError(code, { ...where, message, driverCode, remedy } satisfies ErrorDetails);
  const user = printableName(login.username);

  switch (driverCode) {
    case '28P01':
      return fail(
        'login-failed',
        'the server refused the password',
        'Check that the password in the secret is the one that the database has. PostgreSQL gives the same answer for a ' +
          `password whose VALID UNTIL has passed: ALTER ROLE ${user} VALID UNTIL 'infinity' extends it.`,
      );
    case '28000':
      return invalidAuthorization(routineOf(error), login, asked === cleartext, user, fail);
    case '3D000':
      return fail('unknown-database', 'the database does not exist');
    case '42501':
      return fail(
        'missing-privilege',
        'the user may not connect to the database',
        `Run: GRANT CONNECT ON DATABASE ${login.database === undefined ? 'of the secret' : printableName(login.database)} TO ${user}`,
      );
    case '53300':
      return fail('too-many-connections', 'the server, the database or the user has no connection left');
    case '55000':
      return fail(
        'login-not-allowed',
        'the database takes no connections',
        'Put a database that takes connections into dbname.',
      );
    case '57P01':
    case '57P02':
    case '57P03':
      return fail('server-not-ready', 'the server takes no logins now');
  }
  if (driverCode.startsWith('53') || driverCode.startsWith('58') || driverCode.startsWith('XX')) {
    return fail('server-not-ready', 'the server could not handle the login');
  }
  return fail(
    'login-not-allowed',
    'the server refused the login',
    'See the driver code (SQLSTATE), and the log of the server.',
  );
}

function invalidAuthorization(
  routine: string,
  login: Login,
  askedForCleartext: boolean,
  user: string,
  fail: (code: ErrorCode, message: string, remedy?: string) => RotationError,
): RotationError {
  // The password was right, and the role is not allowed to log in: raised only after the proof.
  if (routine === 'InitializeSessionUserId') {
    return fail('account-locked', 'the role may not log in', `Run: ALTER ROLE ${user} LOGIN`);
  }
  if (login.tls === false && routine === 'ClientAuthentication') {
    return fail(
      'tls-required',
      'no access rule (pg_hba.conf) lets this user in without TLS',
      'Remove "ssl": false from the secret; if plaintext is meant, add a hostnossl rule for this user.',
    );
  }
  if (askedForCleartext) {
    return fail(
      'login-not-allowed',
      'the server asked for the password itself and refused it, as it does for users of IAM, LDAP or PAM',
      `If the user should log in with a password, take it out of that group, on RDS: REVOKE rds_iam FROM ${user}`,
    );
  }
  return fail('login-not-allowed', 'no access rule (pg_hba.conf) lets this user log in from here');
}
