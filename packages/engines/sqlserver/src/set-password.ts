import { hasCode, type Password, RotationError } from '@keyturn/core';
import { type Account, type OtherAccount, otherAccount, ownAccount } from './accounts.ts';
import type { SqlServerConnection } from './connection.ts';
import { bracket, checkName, passwordText, text } from './quoting.ts';
import { isHashOf } from './stored-hash.ts';

/** The user gives itself a new password, and proves the one that it has. */
export async function setOwnPassword(
  connection: SqlServerConnection,
  next: Password,
  current: Password,
): Promise<void> {
  // The policy may refuse a password that was in use before, this one too.
  if (next.equals(current)) return;
  const account = await ownAccount(connection);
  try {
    await connection.query(`${alter(account, next)} OLD_PASSWORD = ${passwordText(current)}`);
  } catch (error) {
    if (!hasCode(error, 'missing-privilege')) throw error;
    throw new RotationError('missing-privilege', {
      ...error.details,
      message: 'the server does not let the user change its own password',
      remedy: 'Rotate this user with a master secret.',
    });
  }
}

/** A master gives a user a new password, and unlocks its login. Succeeds if the user has it already. */
export async function setPasswordOf(connection: SqlServerConnection, username: string, next: Password): Promise<void> {
  checkName(username, 'username');
  const account = await otherAccount(connection, username);
  try {
    // One batch with this one statement: that is what the server's traces know to mask.
    await connection.query(`${alter(account, next)}${account.locked ? ' UNLOCK' : ''}`);
  } catch (error) {
    if (hasCode(error, 'missing-privilege')) throw lacking(error, account);
    if (hasCode(error, 'password-refused') && (await hasPassword(connection, account, next))) return;
    throw error;
  }
}

function alter({ kind, name }: Account, next: Password): string {
  return `ALTER ${kind === 'login' ? 'LOGIN' : 'USER'} ${bracket(name)} WITH PASSWORD = ${passwordText(next)}`;
}

function lacking(error: RotationError, { kind }: OtherAccount): RotationError {
  const remedy =
    kind === 'login'
      ? 'Run as an administrator, for the login of the master: GRANT ALTER ANY LOGIN TO …; a member of sysadmin, and whoever has CONTROL SERVER, only a master with CONTROL SERVER may change.'
      : 'Run in the database, for the user of the master: GRANT ALTER ANY USER TO …';
  const message = `the master may not set the password of the ${kind}`;
  return new RotationError('missing-privilege', { ...error.details, message, remedy });
}

/** The policy's history refuses a password that the login has already, as after a crash. Only a master with CONTROL SERVER may look. */
async function hasPassword(connection: SqlServerConnection, account: Account, next: Password): Promise<boolean> {
  if (account.kind !== 'login') return false;
  const [rows = []] = await connection.query(
    `SELECT CONVERT(nvarchar(400), password_hash, 1) AS hash FROM sys.sql_logins WHERE name = ${text(account.name)}`,
  );
  const [row] = rows;
  return typeof row?.hash === 'string' && isHashOf(row.hash, next);
}
