import { hasCode, type Password, RotationError } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import type { MysqlConnection } from './connection.ts';
import { setPlainSqlMode } from './plain-sql-mode.ts';
import { stringLiteral } from './quoting.ts';
import { serverVersion } from './server-version.ts';

/**
 * Changes the password of the account that logged in, and nothing else of it.
 *
 * From 5.7.6 on the server takes a hash only from who may change every account; from a user it takes the
 * password itself, which it keeps out of its logs.
 * @param alone ends a second password, too, which the server leaves as it is: a right that not every user has
 * @see https://dev.mysql.com/doc/refman/8.4/en/password-logging.html
 */
export async function setOwnPassword(
  connection: MysqlConnection,
  next: Password,
  current: Password,
  { alone }: { readonly alone: boolean },
): Promise<void> {
  const version = await serverVersion(connection);
  if (!version.atLeast('5.7.6')) {
    await connection.query(`SET PASSWORD = '${nativeHash(next)}'`);
    return;
  }
  checkEncrypted(connection);
  const statement = await ownPasswordStatement(connection, next);
  try {
    await connection.query(statement);
  } catch (error) {
    // Where password_require_current, or the account, asks for it.
    if (!isReport(error, 'ER_MISSING_CURRENT_PASSWORD')) throw error;
    await connection.query(await ownPasswordStatement(connection, next, { replace: current }));
  }
  if (alone && version.atLeast('8.0.14')) await connection.query('ALTER USER USER() DISCARD OLD PASSWORD');
}

/** The statement by which a user changes its own password. Sets the sql_mode that it needs. */
export async function ownPasswordStatement(
  connection: MysqlConnection,
  next: Password,
  { replace, retain = false }: { readonly replace?: Password; readonly retain?: boolean } = {},
): Promise<string> {
  const words = [`ALTER USER USER() IDENTIFIED BY ${stringLiteral(next.reveal())}`];
  if (replace !== undefined) words.push(`REPLACE ${stringLiteral(replace.reveal())}`);
  if (retain) words.push('RETAIN CURRENT PASSWORD');
  const statement = words.join(' ');
  if (statement.includes('\\')) await setPlainSqlMode(connection);
  return statement;
}

/** The password itself never goes over a connection that anyone on the way can read. */
export function checkEncrypted({ where }: MysqlConnection): void {
  if (where.encrypted) return;
  throw new RotationError('invalid-configuration', {
    message:
      'from 5.7.6 on a user tells the server its new password itself, which needs TLS, and the secret says "ssl": false',
    endpoint: where.endpoint,
    user: where.user,
    remedy: 'Remove "ssl": false from the secret, or let the master change the password, which sends a hash.',
  });
}

/** Whether the server has reported this error. */
export function isReport(error: unknown, driverCode: string): error is RotationError {
  return error instanceof RotationError && error.driverCode === driverCode;
}

/** Whether the server refuses the password because it was in use before. */
export function isInHistory(error: unknown): error is RotationError {
  return hasCode(error, 'password-refused') && error.driverCode === 'ER_CREDENTIALS_CONTRADICT_TO_HISTORY';
}
