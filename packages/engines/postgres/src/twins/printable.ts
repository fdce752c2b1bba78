import { printableName } from '../quoting.ts';

const longestText = 300;

/** A name for people: bare where it is plain, else as SQL spells it. */
export function shownName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : printableName(name);
}

/** Names with dots between them. */
export function shownNames(names: readonly string[]): string {
  return names.map(shownName).join('.');
}

/** A value for people: quoted, bounded, on one line. */
export function shownValue(value: string): string {
  return bounded(`'${escapeControls(value.replaceAll("'", "''"))}'`);
}

/**
 * SQL to copy from a message: names and constants with characters that would break a log line are written
 * with escapes that mean the same.
 */
export function printableSql(sql: string): string {
  return sql
    .replace(/E?'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"/gsu, (token) => {
      if (!/[\p{C}\p{Zl}\p{Zp}]/u.test(token)) return token;
      if (token.startsWith('"')) return printableName(token.slice(1, -1).replaceAll('""', '"'));
      const text = token.startsWith('E') ? token.slice(2, -1) : token.slice(1, -1).replaceAll('\\', '\\\\');
      return `E'${escapeControls(text)}'`;
    })
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');
}

/** Text of a bounded length. */
export function bounded(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

/** PostgreSQL manual, 4.1.2.2: escapes of E constants. */
function escapeControls(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => {
    const digits = (char.codePointAt(0) ?? 0).toString(16);
    return digits.length > 4 ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}
