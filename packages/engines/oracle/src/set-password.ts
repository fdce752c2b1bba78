import { hasCode, type Password, RotationError } from '@keyturn/core';
import { openConnection } from './connect.ts';
import type { OracleConnection } from './connection.ts';
import { dictionaryName } from './names.ts';
import { identifier, passwordLiteral } from './quoting.ts';

/**
 * Sets the password of a user, and lets it log in: one statement, so that no user is open with another password.
 * @throws RotationError
 */
export async function setPasswordOf(connection: OracleConnection, username: string, next: Password): Promise<void> {
  const name = dictionaryName(username);
  try {
    await connection.run(
      `ALTER USER ${identifier(name)} IDENTIFIED BY ${passwordLiteral(next.reveal())} ACCOUNT UNLOCK`,
    );
  } catch (error) {
    if (isReuse(error) && (await logsIn(connection, username, next))) return;
    throw hasCode(error, 'missing-privilege') ? lackingAlterUser(connection, error) : error;
  }
}

/** The profile's history knows the password: of an earlier try of this rotation, or of long ago. */
function isReuse(error: unknown): boolean {
  return error instanceof RotationError && error.driverCode === 'ORA-28007';
}

/** Whether the user has this password, which only a login tells. */
export async function logsIn(connection: OracleConnection, username: string, password: Password): Promise<boolean> {
  try {
    const probe = await openConnection(connection.loginOf(username, password), connection.limits);
    await probe.close();
    return true;
  } catch (error) {
    if (hasCode(error, 'login-failed', 'account-locked', 'password-expired')) return false;
    throw error;
  }
}

function lackingAlterUser({ where }: OracleConnection, { driverCode }: RotationError): RotationError {
  return new RotationError('missing-privilege', {
    message: 'the master lacks ALTER USER',
    endpoint: where.endpoint,
    user: where.user,
    driverCode,
    remedy: `Run as an administrator: GRANT ALTER USER TO ${identifier(dictionaryName(where.user))};`,
  });
}
