import { hasCode, type Password, RotationError } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import { type Account, accountsOf, accountsWithPassword } from './accounts.ts';
import type { MysqlConnection } from './connection.ts';
import { missingGrant } from './missing-grant.ts';
import { account, checkUsername } from './quoting.ts';
import { serverVersion } from './server-version.ts';
import { type PasswordPlugin, Verifiers } from './verifiers.ts';

/** Gives every account of a user the password, and no other one beside it: its hash, so that no log of the server holds the password. */
export async function resetPassword(connection: MysqlConnection, username: string, next: Password): Promise<void> {
  checkUsername(username);
  try {
    const version = await serverVersion(connection);
    const { endpoint } = connection.where;
    const accounts = accountsWithPassword(await accountsOf(connection, username), username, endpoint);
    if (version.atLeast('5.7.6')) {
      // One statement for all of them: a client that goes away meanwhile leaves no account behind.
      const verifiers = new Verifiers(next);
      await connection.query(`ALTER USER ${accounts.map((one) => identified(username, one, verifiers)).join(', ')}`);
      const second = accounts.filter(({ secondVerifier }) => secondVerifier !== '');
      // It would outlive this password, and every one after it.
      const clauses = second.map(({ host }) => `${account(username, host)} DISCARD OLD PASSWORD`);
      if (clauses.length > 0) await connection.query(`ALTER USER ${clauses.join(', ')}`);
    } else {
      checkNative(accounts, username, endpoint);
      for (const { host } of accounts) {
        await connection.query(`SET PASSWORD FOR ${account(username, host)} = '${nativeHash(next)}'`);
      }
    }
  } catch (error) {
    if (!hasCode(error, 'missing-privilege')) throw error;
    throw error.with({ remedy: await missingGrant(connection) });
  }
}

function identified(username: string, { host, plugin }: Account, verifiers: Verifiers): string {
  return `${account(username, host)} IDENTIFIED WITH '${plugin}' AS '${verifiers.for(plugin as PasswordPlugin)}'`;
}

/** Before 5.7.6 another hash than the native one cannot be set. */
function checkNative(accounts: readonly Account[], username: string, endpoint: string): void {
  const other = accounts.find(({ plugin }) => plugin !== 'mysql_native_password');
  if (other === undefined) return;
  throw new RotationError('auth-method-unsupported', {
    message: `an account authenticates by ${other.plugin}, whose password cannot be set before MySQL 5.7.6`,
    endpoint,
    user: username,
    remedy: 'Let it authenticate by mysql_native_password. Nothing has been changed.',
  });
}
