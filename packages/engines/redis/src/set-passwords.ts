import { type Password, RotationError } from '@keyturn/core';
import type { RedisConnection } from './connection.ts';
import { saveUsers } from './save-users.ts';
import { checkUsername } from './username.ts';
import { readUser, type User } from './users.ts';
import { sha256 } from './verifier.ts';

/**
 * Makes these the passwords of a user, and no others, and lets the server save its users. Changes nothing
 * else of the user, and makes none. Succeeds if it is so already, and saves then too: whoever made it so may
 * have died before that.
 *
 * The server applies the rules of one ACL SETUSER to a copy of the user, and puts it in the place of the user
 * when all have been applied: there is no moment between `resetpass` and the passwords that follow. Naming
 * all that stay, and not each that goes, leaves the same whoever else changes the user meanwhile.
 * @see https://redis.io/docs/latest/commands/acl-setuser/
 * @param save whether the server is to save its users; false: the change lasts until it restarts
 * @throws RotationError; before anything is changed if the user cannot be changed or saved
 */
export async function setPasswords(
  connection: RedisConnection,
  username: string,
  passwords: readonly Password[],
  save: boolean,
): Promise<void> {
  checkUsername(username);
  const hashes = [...new Set(passwords.map(sha256))];
  const user = await readUser(connection, username);
  checkChangeable(connection, user);
  // A server that cannot keep the change is found before it is made, not after.
  if (save) await saveUsers(connection, user);
  if (hasExactly(user, hashes)) return;
  await connection.command(['ACL', 'SETUSER', username, 'resetpass', ...hashes.map((hash) => `#${hash}`)]);
  const changed = await readUser(connection, username);
  checkChanged(connection, changed, hashes);
  if (save) await saveUsers(connection, changed);
}

function checkChangeable({ where: { endpoint } }: RedisConnection, user: User): void {
  if (user.needsNoPassword) {
    throw new RotationError('auth-method-unsupported', {
      message: 'the server takes any password for this user (nopass), so that a login proves nothing',
      endpoint,
      user: user.name,
      remedy: 'Give the user a password (ACL SETUSER … resetpass >…), then rotate again.',
    });
  }
  if (!user.isOn) {
    throw new RotationError('account-locked', {
      message: 'the user is off',
      endpoint,
      user: user.name,
      remedy: 'Turn the user on (ACL SETUSER … on), then rotate again.',
    });
  }
}

/**
 * ACL SETUSER makes the user where there is none. One that was dropped after it was read is there again now:
 * off and without a right, as the server makes them, so that nobody can log in with it.
 */
function checkChanged({ where: { endpoint } }: RedisConnection, user: User, hashes: readonly string[]): void {
  if (!user.isOn) {
    throw new RotationError('invalid-secret', {
      message: 'the user was dropped or turned off at the moment of the change',
      endpoint,
      user: user.name,
      remedy: 'If the user is gone for good, drop what is left of it (ACL DELUSER); else set it up again.',
    });
  }
  if (!hasExactly(user, hashes)) {
    throw new RotationError('statement-failed', {
      message: 'somebody else has changed the passwords of the user at the same moment',
      endpoint,
      user: user.name,
      remedy: 'Retry: the rotation finds out which password works.',
    });
  }
}

function hasExactly(user: User, hashes: readonly string[]): boolean {
  return user.hashes.length === hashes.length && hashes.every((hash) => user.hashes.includes(hash));
}
