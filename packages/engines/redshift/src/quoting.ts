import { quoted, RotationError } from '@keyturn/core';
import { faultOfName, type NameRules, quoteIdentifier } from '@keyturn/driver-pg';

/** Redshift Developer Guide, "Names and identifiers": 1 to 127 bytes. */
export const nameMaxBytes = 127;

const rules: NameRules = { product: 'Redshift', maxBytes: nameMaxBytes };

/**
 * A name as a delimited identifier. Redshift folds its letters to lower case unless it names a user or the session
 * has enable_case_sensitive_identifier.
 * @throws RotationError `invalid-secret` for a name that nothing can have
 */
export function quoteName(name: string): string {
  checkName(name, 'the name');
  return quoteIdentifier(name);
}

/**
 * Text as a string constant. Redshift, like PostgreSQL 8, takes a backslash in it for an escape.
 * @throws RotationError `password-not-accepted` for text with NUL; the text stays out of the error
 */
export function quoteText(text: string): string {
  if (text.includes('\0')) {
    throw new RotationError('password-not-accepted', { message: 'the text holds NUL, which Redshift cannot store' });
  }
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A name as SQL to copy from a message, on one line. */
export function printableName(name: string): string {
  return printableSql(quoteIdentifier(name));
}

/** A name for people: bare where it is plain, else as {@link printableName} has it. */
export function shownName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : printableName(name);
}

/** SQL of this engine for people: characters that would break a line, or hide a part of it, are shown by their numbers. */
export function printableSql(sql: string): string {
  return sql.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const digits = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    return `\\u{${digits}}`;
  });
}

/**
 * Refuses, before anything is sent, a name that the server would read as another one.
 * @param what how the message calls it: `username`
 * @throws RotationError `invalid-secret`
 */
export function checkName(name: string, what: string): void {
  const fault = faultOfName(name, rules);
  if (fault !== undefined) throw new RotationError('invalid-secret', { message: `${what} ${quoted(name)} ${fault}` });
}
