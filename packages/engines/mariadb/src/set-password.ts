import { hasCode, type Password, RotationError } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import { type Account, accountsOf, accountsWithPassword, hasPassword } from './accounts.ts';
import type { MariadbConnection } from './connection.ts';
import { setPlainSqlMode } from './plain-sql-mode.ts';
import { account, checkUsername, identifier, stringLiteral } from './quoting.ts';

/** How a password is sent: as its hash, or as it is, for servers whose rules must see it. */
export type PasswordForm = 'hash' | 'plaintext';

/**
 * Changes the password of the account that logged in, and nothing else of it.
 *
 * The comment is MariaDB's own and holds code for 10.4 and later. MySQL would take the hash for the
 * password itself; it finds a syntax error instead.
 */
export async function setOwnPassword(connection: MariadbConnection, next: Password, form: PasswordForm): Promise<void> {
  checkEncrypted(connection, form);
  if (form === 'plaintext' && next.reveal().includes('\\')) await setPlainSqlMode(connection);
  const statement =
    form === 'hash'
      ? `SET /*M!100400 PASSWORD = */ '${nativeHash(next)}'`
      : `SET /*M!100400 PASSWORD = PASSWORD*/ (${stringLiteral(next.reveal())})`;
  try {
    await connection.query(statement);
  } catch (error) {
    // Where a plugin without a password comes first in the account, the server reports that one, and
    // changes the password of the next all the same.
    if (isReportOfOtherPlugin(error) && (await ownAccountHas(connection, nativeHash(next)))) return;
    throw error;
  }
}

/**
 * Changes the password of every account of a user, in one request: a client that goes away meanwhile
 * leaves no account behind.
 */
export async function setPasswordOf(
  connection: MariadbConnection,
  username: string,
  next: Password,
  form: PasswordForm,
): Promise<void> {
  checkEncrypted(connection, form);
  checkUsername(username);
  try {
    // The block below reads the same on every server only in a mode that is known.
    await setPlainSqlMode(connection);
    const { endpoint } = connection.where;
    const accounts = accountsWithPassword(await accountsOf(connection, username), username, endpoint);
    const outcome = await tryBlock(connection, block(accounts, username, next, form));
    await checkOutcome(connection, accounts, username, nativeHash(next), outcome);
  } catch (error) {
    if (!hasCode(error, 'missing-privilege')) throw error;
    throw error.with({ remedy: await missingGrant(connection) });
  }
}

async function tryBlock(connection: MariadbConnection, sql: string): Promise<RotationError | undefined> {
  try {
    await connection.query(sql);
    return undefined;
  } catch (error) {
    if (hasCode(error, 'password-refused')) return error;
    throw error;
  }
}

function block(accounts: readonly Account[], username: string, next: Password, form: PasswordForm): string {
  const value = form === 'hash' ? `'${nativeHash(next)}'` : `PASSWORD(${stringLiteral(next.reveal())})`;
  return [
    'BEGIN NOT ATOMIC',
    // The report of a plugin without a password, as above; checkOutcome() looks at what has come of it.
    'DECLARE CONTINUE HANDLER FOR 1699 DO 0;',
    ...accounts.map(({ host }) => `SET PASSWORD FOR ${account(username, host)} = ${value};`),
    'END',
  ].join('\n');
}

/**
 * Looks again where the server's report may not be the whole truth: it has passed over a plugin, or its
 * rules (password_reuse_check keeps a history for each account) have refused the password for an account
 * after it was set for another, or because it was set before.
 */
async function checkOutcome(
  connection: MariadbConnection,
  accounts: readonly Account[],
  username: string,
  hash: string,
  refusal: RotationError | undefined,
): Promise<void> {
  if (refusal === undefined && accounts.every(({ methods }) => methods.length === 1)) return;
  const now = new Map((await accountsOf(connection, username)).map((found) => [found.host, found]));
  const changed = accounts.filter(({ host }) => {
    const found = now.get(host);
    return found === undefined || hasPassword(found, hash);
  });
  if (changed.length === accounts.length) return;
  if (refusal !== undefined && changed.length === 0) throw refusal;
  throw new RotationError('statement-failed', {
    message: `the server has changed the password of ${changed.length} of the ${accounts.length} accounts of the user`,
    endpoint: connection.where.endpoint,
    user: username,
    driverCode: refusal?.driverCode,
  });
}

async function ownAccountHas(connection: MariadbConnection, hash: string): Promise<boolean> {
  const [row] = await connection.query('SHOW CREATE USER');
  return Object.values(row ?? {}).some((text) => String(text).includes(`'${hash}'`));
}

function isReportOfOtherPlugin(error: unknown): boolean {
  return error instanceof RotationError && error.driverCode === 'ER_SET_PASSWORD_AUTH_PLUGIN';
}

/** The password itself never goes over a connection that anyone on the way can read. */
export function checkEncrypted({ where }: MariadbConnection, form: PasswordForm): void {
  if (form === 'hash' || where.encrypted) return;
  throw new RotationError('invalid-configuration', {
    message: 'the option plaintextPassword needs TLS, and the secret says "ssl": false',
    endpoint: where.endpoint,
    user: where.user,
    remedy: 'Remove "ssl": false from the secret, or the option plaintextPassword.',
  });
}

/** The remedy for a master that lacks what this engine asks of every master. */
export async function missingGrant(connection: MariadbConnection): Promise<string> {
  const [row] = await connection.query('SELECT CURRENT_USER() AS name');
  const name = String(row?.name ?? connection.where.user);
  const at = name.lastIndexOf('@');
  const grantee = at === -1 ? identifier(name) : account(name.slice(0, at), name.slice(at + 1));
  return `Run as an administrator: GRANT SELECT, UPDATE ON mysql.* TO ${grantee};`;
}
