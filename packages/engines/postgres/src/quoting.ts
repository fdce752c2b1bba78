import { quoted, RotationError } from '@keyturn/core';
import { faultOfName, quoteIdentifier, unprintable } from '@keyturn/driver-pg';

/** NAMEDATALEN - 1: longer names are cut off by the server, and then mean another role. */
export const nameMaxBytes = 63;

/**
 * A name as a quoted identifier (PostgreSQL manual, 4.1.1).
 * @throws RotationError `invalid-secret` for a name that no role can have
 */
export function quoteName(name: string): string {
  checkName(name, 'the name');
  return quoteIdentifier(name);
}

/**
 * Text as a string constant (PostgreSQL manual, 4.1.2). Text with a backslash takes the E form, which
 * means the same whatever standard_conforming_strings says.
 * @throws RotationError `password-not-accepted` for text with NUL; the text stays out of the error
 */
export function quoteText(text: string): string {
  if (text.includes('\0')) {
    throw new RotationError('password-not-accepted', { message: 'the text holds NUL, which PostgreSQL cannot store' });
  }
  const doubled = text.replaceAll("'", "''");
  return doubled.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}

/** A name as SQL to copy from a message: quoted, and without characters that would break a log line. */
export function printableName(name: string): string {
  const identifier = quoteName(name);
  if (!unprintable(name)) return identifier;
  // PostgreSQL manual, 4.1.2.3: Unicode escapes.
  const escaped = identifier.slice(1, -1).replace(/[\\\p{C}\p{Zl}\p{Zp}]/gu, (char) => {
    const digits = (char.codePointAt(0) ?? 0).toString(16).padStart(6, '0');
    return char === '\\' ? '\\\\' : `\\+${digits}`;
  });
  return `U&"${escaped}"`;
}

/**
 * Refuses, before anything is sent, a name that the server would read as another one.
 * @param what how the message calls it: `username`
 * @throws RotationError `invalid-secret`
 */
export function checkName(name: string, what: string): void {
  const fault = faultOfName(name, { product: 'PostgreSQL', maxBytes: nameMaxBytes });
  if (fault !== undefined) throw new RotationError('invalid-secret', { message: `${what} ${quoted(name)} ${fault}` });
}
