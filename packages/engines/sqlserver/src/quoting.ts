import { type Password, quoted, RotationError } from '@keyturn/core';

/** `sysname` is nvarchar(128): the limit of every name, counted in UTF-16 units. */
export const nameMaxCharacters = 128;

/** Longer passwords the server refuses (Transact-SQL reference, "CREATE LOGIN"). */
export const passwordMaxCharacters = 128;

/**
 * A name as a bracketed identifier, which means the same whatever QUOTED_IDENTIFIER says (Transact-SQL
 * reference, "Database identifiers").
 * @throws RotationError `invalid-secret` for a name that the server cannot have
 */
export function bracket(name: string): string {
  refuse(name, 'the name', faultOf(name));
  return `[${name.replaceAll(']', ']]')}]`;
}

/** Several names, with dots between them. */
export function bracketed(...names: readonly string[]): string {
  return names.map(bracket).join('.');
}

/**
 * Text as an expression of Unicode string constants (Transact-SQL reference, "Constants"). A backslash before a
 * line break would be taken out of a constant, with the break ("Backslash (Line Continuation)"): there, two
 * constants are joined.
 * @throws RotationError `invalid-secret` for text with NUL or half a character
 */
export function text(value: string): string {
  if (!isStorable(value)) {
    throw new RotationError('invalid-secret', { message: 'a name holds NUL, or is not well-formed Unicode' });
  }
  const parts = value.split(/(?<=\\)(?=[\r\n])/).map((part) => `N'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts.join('') : `(${parts.join(' + ')})`;
}

/**
 * A password as the one constant that ALTER LOGIN takes.
 * @throws RotationError `password-not-accepted` for one that no constant can hold; it stays out of the error
 */
export function passwordText(password: Password): string {
  const value = password.reveal();
  if (value === '' || value.length > passwordMaxCharacters || !isStorable(value) || /\\[\r\n]/.test(value)) {
    throw new RotationError('password-not-accepted', {
      message: `the password is empty, longer than ${passwordMaxCharacters} characters, or holds what no statement can`,
    });
  }
  return `N'${value.replaceAll("'", "''")}'`;
}

function isStorable(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}

/** Bytes, given as `0x…` by the server, as a binary constant. @throws Error for anything else */
export function binary(hex: string): string {
  if (!/^0x(?:[0-9A-Fa-f]{2})*$/.test(hex)) throw new Error('not a binary constant');
  return hex;
}

/** A permission's own words, as the catalogue has them. @throws Error for anything but words */
export function words(permission: string): string {
  if (!/^[A-Z]+(?: [A-Z]+)*$/.test(permission)) throw new Error('not the name of a permission');
  return permission;
}

/** A name for people: bare where it is plain, else bracketed and on one line, whatever the name holds. */
export function printable(name: string): string {
  const bounded = name.length > 200 ? `${name.slice(0, 200)}…` : name;
  if (/^[A-Za-z_][\w@#$.-]*$/.test(bounded)) return bounded;
  return `[${JSON.stringify(bounded.replaceAll(']', ']]'))
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)}]`;
}

/**
 * Refuses, before anything is sent, the name of a user that the server would read as another one or not at all.
 * @param what how the message calls it: `username`
 * @throws RotationError `invalid-secret`
 */
export function checkName(name: string, what: string): void {
  // Compared with the padding rule of SQL, "app " is "app": the server would change another user. Of a thing in the
  // catalogue there is no second one, and its name finds it with the space or without.
  const ending = name.endsWith(' ')
    ? 'ends in a space, which the server passes over when it compares names'
    : undefined;
  refuse(name, what, faultOf(name) ?? ending);
}

function refuse(name: string, what: string, fault: string | undefined): void {
  if (fault !== undefined) throw new RotationError('invalid-secret', { message: `${what} ${quoted(name)} ${fault}` });
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'holds NUL, which no name can hold';
  // Half of a character has no form on the wire that the server gives back.
  if (!name.isWellFormed()) return 'is not well-formed Unicode';
  return name.length > nameMaxCharacters
    ? `is ${name.length} characters long; SQL Server takes ${nameMaxCharacters}`
    : undefined;
}
