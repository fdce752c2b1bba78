import { RotationError } from '@keyturn/core';

/**
 * The longest user name, in characters, that MariaDB 10.4 and 10.5 keep whole; 10.6 takes 128. A server
 * cuts a longer name off without a word, and logs in the user of the shorter name.
 */
export const longestUsername = 80;

/**
 * A name as a quoted identifier. Only the backtick has a meaning in there, whatever sql_mode says.
 * @throws RotationError `invalid-secret` for a name that no MariaDB identifier can hold
 */
export function identifier(name: string): string {
  checkName(name);
  return `\`${name.replaceAll('`', '``')}\``;
}

/** `user@host`, quoted. */
export function account(username: string, host: string): string {
  return `${identifier(username)}@${identifier(host)}`;
}

/** Text as a hexadecimal literal of its bytes in UTF-8: the same in every sql_mode and character set. */
export function hexLiteral(text: string): string {
  return text === '' ? "''" : `0x${Buffer.from(text, 'utf8').toString('hex')}`;
}

/**
 * Text as a string literal. Text with a backslash must be sent under the sql_mode NO_BACKSLASH_ESCAPES;
 * any other reads the same in every mode.
 */
export function stringLiteral(text: string): string {
  if (text.includes('\0')) throw new TypeError('a string literal cannot hold NUL');
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Refuses, before anything is sent, a user name that the server would turn into another one.
 * @throws RotationError `invalid-secret`
 */
export function checkUsername(username: string): void {
  checkName(username);
  // Its table drops spaces at the end: after a restart, the account would be another one's.
  if (username.endsWith(' ')) throw invalidName('the user name ends in a space, which the server does not keep');
  // At a login the server takes them for quotes, and drops them.
  if (/^'.*'$/s.test(username)) throw invalidName("the user name begins and ends with the character '");
  if (username === '') throw invalidName('the user name is empty, which would be the anonymous user');
  if (username.length > longestUsername) {
    throw invalidName(`the user name has more than ${longestUsername} characters`);
  }
}

function checkName(name: string): void {
  if (name.includes('\0')) throw invalidName('the name holds a NUL character');
  // The server's names are utf8mb3: it would put "?" in the place of every other character.
  if (/[\ud800-\udfff]/.test(name)) throw invalidName('the name holds a character beyond U+FFFF');
}

function invalidName(message: string): RotationError {
  return new RotationError('invalid-secret', { message });
}
