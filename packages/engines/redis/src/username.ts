import { quoted, RotationError } from '@keyturn/core';

/** In bytes: before the login the server reads no longer argument. */
export const longestUsername = 16_384;

/**
 * Refuses a name that the server does not take, or that would reach it as another one.
 * @throws RotationError `invalid-secret`
 */
export function checkUsername(username: string): void {
  const fault = faultOf(username);
  if (fault === undefined) return;
  throw new RotationError('invalid-secret', {
    message: `the user name ${quoted(username)} ${fault}`,
    remedy: 'Correct username in the secret.',
  });
}

function faultOf(username: string): string | undefined {
  if (username === '') return 'is empty';
  // The server's ACLStringHasSpaces: isspace() and NUL.
  if (/[\0\t\n\v\f\r ]/.test(username)) return 'holds a space, a line break or NUL, which no user of Redis has';
  // Its halves would all be sent as the same replacement character.
  if (!username.isWellFormed()) return 'holds half of a surrogate pair';
  if (Buffer.byteLength(username) > longestUsername) return `is longer than ${longestUsername} bytes`;
  return undefined;
}
