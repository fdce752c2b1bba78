import { hasCode, RotationError, type TwinPair } from '@keyturn/core';
import { accountsWithPassword, passwordless } from '../accounts.ts';
import type { MariadbConnection } from '../connection.ts';
import { checkUsername } from '../quoting.ts';
import { missingGrant } from '../set-password.ts';
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
 * @throws RotationError `invalid-secret` if the current one does not exist; `twin-name-taken` if a role has
 *   the name of the next; `missing-privilege`
 */
export async function readTwins(connection: MariadbConnection, pair: TwinPair): Promise<TwinRights> {
  checkUsername(pair.next);
  const rights = await readOrSayWhatIsMissing(connection, [pair.current, pair.next]);
  const { endpoint } = connection.where;
  const next = rights.get(pair.next) ?? new Map();
  if ([...next.values()].some(({ isRole }) => isRole)) {
    throw new RotationError('twin-name-taken', { message: 'a role has this name', endpoint, user: pair.next });
  }
  const current = new Map([...(rights.get(pair.current) ?? [])].filter(([, { isRole }]) => !isRole));
  if (current.size === 0) {
    throw new RotationError('invalid-secret', {
      message: 'the server knows no user of this name',
      endpoint,
      user: pair.current,
      remedy: 'Create the user, or check username in the secret.',
    });
  }
  return { current, next };
}

async function readOrSayWhatIsMissing(
  connection: MariadbConnection,
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
export function checkMethods(current: UserRights, { current: username }: TwinPair, endpoint: string): void {
  accountsWithPassword([...current.values()], username, endpoint);
  const others = [...current.values()].flatMap(({ host, methods }) => {
    const withPassword = methods.filter(({ plugin }) => !passwordless.includes(plugin));
    return withPassword.slice(1).map(({ plugin }) => `${accountWords(username, host)} authenticates by ${plugin} too`);
  });
  if (others.length === 0) return;
  throw new RotationError('rights-not-cloneable', {
    message: `an account has a second password, which cannot be given to another user: ${listed(others)}`,
    endpoint,
    user: username,
    remedy: 'Let each account have one password, by mysql_native_password. Nothing has been changed.',
  });
}
