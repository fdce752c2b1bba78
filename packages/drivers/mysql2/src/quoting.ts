import { RotationError } from '@keyturn/core';

/**
 * A name as a quoted identifier. Only the backtick has a meaning in there, whatever sql_mode says.
 * @throws RotationError `invalid-secret` for a name that no identifier of the server can hold
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

/** @throws RotationError `invalid-secret` for a name that the server would turn into another one */
export function checkName(name: string): void {
  if (name.includes('\0')) throw invalidName('the name holds a NUL character');
  // The server's names are utf8mb3: it would put "?" in the place of every other character.
  if (/[\ud800-\udfff]/.test(name)) throw invalidName('the name holds a character beyond U+FFFF');
}

function invalidName(message: string): RotationError {
  return new RotationError('invalid-secret', { message });
}
