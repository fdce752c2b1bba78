import { RotationError } from '@keyturn/core';
import { checkName } from '@keyturn/driver-mysql2';

export { account, hexLiteral, identifier, stringLiteral } from '@keyturn/driver-mysql2';

/** The longest user name, in characters, from MySQL 5.7.8 on; older servers take 16. */
export const longestUsername = 32;

/**
 * Refuses, before anything is sent, a user name that the server would turn into another one.
 * @throws RotationError `invalid-secret`
 */
export function checkUsername(username: string): void {
  checkName(username);
  // Names are compared without the spaces at their end.
  if (username.endsWith(' ')) throw invalidName('the user name ends in a space, which the server does not keep');
  // At a login the server takes them for quotes, and drops them.
  if (/^'.*'$/s.test(username)) throw invalidName("the user name begins and ends with the character '");
  if (username === '') throw invalidName('the user name is empty, which would be the anonymous user');
  if (username.length > longestUsername) {
    throw invalidName(`the user name has more than ${longestUsername} characters`);
  }
}

function invalidName(message: string): RotationError {
  return new RotationError('invalid-secret', { message });
}
