import type { Where } from '@keyturn/connection';
import { RotationError } from '@keyturn/core';

/** In bytes; a name must fit into a message before the login, and into the twin's. */
export const longestUsername = 1024;

/**
 * Refuses a name that no user can have.
 * @throws RotationError `invalid-secret`
 */
export function checkUsername(username: string, { endpoint, user }: Where): void {
  const bytes = Buffer.byteLength(username);
  if (username !== '' && bytes <= longestUsername && !username.includes('\0') && username.isWellFormed()) return;
  throw new RotationError('invalid-secret', {
    message: `the user name is empty, longer than ${longestUsername} bytes, or holds a NUL or half a character`,
    endpoint,
    user,
  });
}
