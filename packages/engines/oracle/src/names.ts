import { RotationError } from '@keyturn/core';

/** The longest name, in bytes, that a server takes: 12.2 and later; before, 30. */
export const longestName = 128;

/**
 * The name that the dictionary has of a user whom a secret names, by the server's own rule: a plain name is in
 * upper case, a name in double quotes is as it stands there. Any other name can be no plain one, and is taken as it is.
 * @throws RotationError `invalid-secret` for a name that no user can have
 */
export function dictionaryName(username: string): string {
  const inQuotes = /^"(.*)"$/s.exec(username)?.[1];
  const name = inQuotes ?? (isPlain(username) ? username.toUpperCase() : username);
  checkName(name);
  return name;
}

/** The name as the login says it. The driver would take brackets for a proxy's, and drop spaces around. */
export function loginName(username: string): string {
  const name = dictionaryName(username);
  return isPlain(username) ? username : `"${name}"`;
}

/** @throws RotationError `invalid-secret` */
function checkName(name: string): void {
  if (name === '') throw invalidName('the user name is empty');
  if (name.includes('"')) {
    throw invalidName(
      'the user name holds a double quote, which no name of the server can',
      'Correct username with PutSecretValue; of a name in quotes, name both users with the option users.',
    );
  }
  if (name.includes('\0')) throw invalidName('the user name holds a NUL character');
  if (Buffer.byteLength(name) > longestName) throw invalidName(`the user name takes more than ${longestName} bytes`);
}

function isPlain(name: string): boolean {
  return /^[A-Za-z][\w$#]*$/.test(name);
}

function invalidName(message: string, remedy?: string): RotationError {
  return new RotationError('invalid-secret', { message, remedy });
}
