import { hasCode, RotationError, type TwinPair } from '@keyturn/core';
import { accountsWithPassword } from '../accounts.ts';
import type { MysqlConnection } from '../connection.ts';
import { missingGrant } from '../missing-grant.ts';
import { checkUsername } from '../quoting.ts';
import { type ServerVersion, serverVersion } from '../server-version.ts';
import { readRights } from './read-rights.ts';
import type { UserRights } from './rights.ts';
import { accountWords, listed } from './words.ts';

/** The rights of the two users. */
export interface TwinRights {
  readonly current: UserRights;
  /** Without any account where there is no such user. */
  readonly next: UserRights;
}

/**
 * Reads both users.
 * @throws RotationError `invalid-secret` if the current one does not exist; `twin-name-too-long`;
 *   `missing-privilege`
 */
export async function readTwins(connection: MysqlConnection, pair: TwinPair): Promise<TwinRights> {
  checkUsername(pair.next);
  const { endpoint } = connection.where;
  if (pair.next.length > 16 && !(await serverVersion(connection)).atLeast('5.7.8')) {
    throw new RotationError('twin-name-too-long', {
      message: 'before MySQL 5.7.8 a user name has at most 16 characters',
      endpoint,
      user: pair.next,
    });
  }
  const rights = await readOrSayWhatIsMissing(connection, [pair.current, pair.next]);
  const current = rights.get(pair.current) ?? new Map();
  if (current.size === 0) {
    throw new RotationError('invalid-secret', {
      message: 'the server knows no user of this name',
      endpoint,
      user: pair.current,
      remedy: 'Create the user, or check username in the secret.',
    });
  }
  return { current, next: rights.get(pair.next) ?? new Map() };
}

async function readOrSayWhatIsMissing(
  connection: MysqlConnection,
  usernames: readonly string[],
): ReturnType<typeof readRights> {
  try {
    return await readRights(connection, usernames);
  } catch (error) {
    if (!hasCode(error, 'missing-privilege')) throw error;
    throw error.with({ remedy: await missingGrant(connection) });
  }
}

/**
 * Refuses a user that logs in in a way that cannot be given to another one.
 * @throws RotationError `auth-method-unsupported`, `rights-not-cloneable`
 */
export function checkMethods(
  current: UserRights,
  { current: username }: TwinPair,
  version: ServerVersion,
  endpoint: string,
): void {
  accountsWithPassword([...current.values()], username, endpoint);
  const found = [...current.values()].flatMap(({ host, plugin, hasMoreFactors }) => {
    const who = accountWords(username, host);
    if (hasMoreFactors) return [`${who} logs in with several factors`];
    const old = plugin !== 'mysql_native_password' && !version.atLeast('5.7.6');
    return old ? [`${who} authenticates by ${plugin}, which cannot be set before MySQL 5.7.6`] : [];
  });
  if (found.length === 0) return;
  throw new RotationError('rights-not-cloneable', {
    message: `an account has a method that cannot be given to another user: ${listed(found)}`,
    endpoint,
    user: username,
    remedy: 'Let each account log in with one password. Nothing has been changed.',
  });
}
