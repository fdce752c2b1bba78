import { hasCode, type Password, RotationError } from '@keyturn/core';
import { type Account, accountsOf, accountsWithPassword, hasPassword, hasSecondPassword } from './accounts.ts';
import type { MysqlConnection } from './connection.ts';
import { missingGrant, ownName } from './missing-grant.ts';
import { account, checkUsername } from './quoting.ts';
import { serverVersion } from './server-version.ts';
import { checkEncrypted, isInHistory, isReport, ownPasswordStatement } from './set-own-password.ts';
import { type PasswordPlugin, Verifiers } from './verifiers.ts';

/** See the contract, `PasswordOverlap.addPassword`. The server calls it the dual password. */
export async function addPassword(
  connection: MysqlConnection,
  username: string,
  next: Password,
  keep: Password,
): Promise<void> {
  const version = await serverVersion(connection);
  const { endpoint, user } = connection.where;
  if (!version.atLeast('8.0.14')) {
    throw new RotationError('invalid-configuration', {
      message: `a user of MySQL ${version.text} has one password at a time; it may have two from 8.0.14 on`,
      endpoint,
      user: username,
      remedy: 'Use the strategy of alternating users, or the single user without the option overlap.',
    });
  }
  if (user === username) await addOwn(connection, next, keep);
  else await addAsMaster(connection, username, next, keep);
}

/** The user itself cannot read which password is its first one; what the server refuses tells it. */
async function addOwn(connection: MysqlConnection, next: Password, keep: Password): Promise<void> {
  checkEncrypted(connection);
  try {
    if (next.equals(keep)) {
      await leaveOnly(connection, keep);
      return;
    }
    // With REPLACE, which is compared with the first password: were `keep` the second one, RETAIN would end it.
    await connection.query(await ownPasswordStatement(connection, next, { replace: keep, retain: true }));
  } catch (error) {
    if (isReport(error, 'ER_INCORRECT_CURRENT_PASSWORD')) await setFirst(connection, next);
    // An earlier run of this rotation has put it there.
    else if (isInHistory(error) && (await connection.logsIn(next))) return;
    else throw await namingTheRight(connection, error);
  }
}

/** The password becomes the first one, if it is not, before the second one ends: it may be that one itself. */
async function leaveOnly(connection: MysqlConnection, keep: Password): Promise<void> {
  try {
    await connection.query(await ownPasswordStatement(connection, keep, { replace: keep }));
  } catch (error) {
    // Nobody can tell whether it is the first: better one password too many than none.
    if (isInHistory(error)) return;
    if (!isReport(error, 'ER_INCORRECT_CURRENT_PASSWORD')) throw error;
    await connection.query(await ownPasswordStatement(connection, keep));
  }
  await connection.query('ALTER USER USER() DISCARD OLD PASSWORD');
}

/** `keep` is the second password, and stays it: a password that is set without RETAIN leaves the second alone. */
async function setFirst(connection: MysqlConnection, next: Password): Promise<void> {
  try {
    await connection.query(await ownPasswordStatement(connection, next));
  } catch (error) {
    // Where the server asks for the first password, only an earlier run of this rotation can have set it.
    if (!isReport(error, 'ER_MISSING_CURRENT_PASSWORD') && !isInHistory(error)) throw error;
    if (!(await connection.logsIn(next))) throw error;
  }
}

async function namingTheRight(connection: MysqlConnection, error: unknown): Promise<unknown> {
  if (!hasCode(error, 'missing-privilege')) return error;
  const { code, details } = error;
  return new RotationError(code, {
    ...details,
    message: 'the user lacks APPLICATION_PASSWORD_ADMIN, without which it may not keep a second password',
    remedy: `Run as an administrator: GRANT APPLICATION_PASSWORD_ADMIN ON *.* TO ${await ownName(connection)}; or let the master change the password.`,
  });
}

async function addAsMaster(
  connection: MysqlConnection,
  username: string,
  next: Password,
  keep: Password,
): Promise<void> {
  checkUsername(username);
  try {
    const { endpoint } = connection.where;
    const accounts = accountsWithPassword(await accountsOf(connection, username), username, endpoint);
    const verifiers = new Verifiers(next);
    const changes = accounts.flatMap((one) => changesOf(username, one, { next, keep, verifiers }));
    // As few statements as can be: a client that goes away meanwhile leaves no account behind.
    for (const step of ['sets', 'discards'] as const) {
      const clauses = changes.filter((change) => change.step === step).map(({ clause }) => clause);
      if (clauses.length > 0) await connection.query(`ALTER USER ${clauses.join(', ')}`);
    }
  } catch (error) {
    if (!hasCode(error, 'missing-privilege')) throw error;
    throw error.with({ remedy: await missingGrant(connection) });
  }
}

interface Change {
  readonly step: 'sets' | 'discards';
  readonly clause: string;
}

interface Wanted {
  readonly next: Password;
  readonly keep: Password;
  readonly verifiers: Verifiers;
}

function changesOf(username: string, found: Account, { next, keep, verifiers }: Wanted): readonly Change[] {
  const name = account(username, found.host);
  const sets = (retain: boolean): Change => ({
    step: 'sets',
    // In its manual the server takes a hash without RETAIN only; it writes both to its own binary log.
    clause: `${name} IDENTIFIED WITH '${found.plugin}' AS '${verifiers.for(found.plugin as PasswordPlugin)}'${retain ? ' RETAIN CURRENT PASSWORD' : ''}`,
  });
  const discards: Change = { step: 'discards', clause: `${name} DISCARD OLD PASSWORD` };
  const isSet = hasPassword(found, next);
  if (next.equals(keep)) {
    return [...(isSet ? [] : [sets(false)]), ...(found.secondVerifier === '' && isSet ? [] : [discards])];
  }
  if (hasSecondPassword(found, keep)) return isSet ? [] : [sets(false)];
  // With neither `next` nor `keep` in it, the account is one that the user does not log in to: it gets `next`.
  if (isSet) return found.secondVerifier === '' ? [] : [discards];
  return [sets(hasPassword(found, keep))];
}
