import { RotationError } from '@keyturn/core';

/**
 * A name as the dictionary has it, as a quoted identifier. Only the double quote has a meaning in there, and no name
 * holds one.
 * @throws RotationError `rights-not-cloneable` for what can be no name
 */
export function identifier(name: string): string {
  if (name === '' || /["\0]/.test(name)) {
    throw new RotationError('rights-not-cloneable', {
      message: 'a name in the dictionary holds a character that no identifier can hold',
    });
  }
  return `"${name}"`;
}

/** `"OWNER"."NAME"` */
export function qualified(owner: string, name: string): string {
  return `${identifier(owner)}.${identifier(name)}`;
}

/**
 * A password where ALTER USER takes one. It stands in double quotes, in which everything but those is itself.
 * @throws RotationError `password-not-accepted`
 */
export function passwordLiteral(password: string): string {
  if (password === '' || /["\0]/.test(password)) {
    throw new RotationError('password-not-accepted', {
      message: 'the password is empty, or holds a double quote or a NUL, which no statement of this server can set',
    });
  }
  return `"${password}"`;
}

/** Text as a string literal. */
export function stringLiteral(text: string): string {
  if (text.includes('\0')) throw new TypeError('a string literal cannot hold NUL');
  return `'${text.replaceAll("'", "''")}'`;
}
