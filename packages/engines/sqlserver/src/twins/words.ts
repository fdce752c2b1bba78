import { printable } from '../quoting.ts';
import type { Owned, Permission, PermissionState, Securable } from './rights.ts';

/** ` in the database app`; nothing for the server. */
export function placeWords(database: string | undefined): string {
  return database === undefined ? '' : ` in the database ${printable(database)}`;
}

/** `OBJECT::dbo.orders`. */
export function securableWords({ keyword, names }: Securable | Owned): string {
  return `${keyword}::${names.map(printable).join('.')}`;
}

/** `SELECT ON OBJECT::dbo.orders (note) WITH GRANT OPTION`, `DENY CONNECT SQL`. */
export function permissionWords({ name, securable, column }: Permission, state: PermissionState): string {
  const on =
    securable === undefined
      ? ' ON something that the catalogue does not name'
      : securable.keyword === ''
        ? ''
        : ` ON ${securableWords(securable)}`;
  const what = `${name}${on}${column === undefined ? '' : ` (${printable(column)})`}`;
  switch (state) {
    case 'G':
      return what;
    case 'W':
      return `${what} WITH GRANT OPTION`;
    case 'D':
      return `DENY ${what}`;
    case 'R':
      return `an exception from ${what}`;
  }
}

/** As many lines as a message may hold. */
export function listed(lines: readonly string[]): string {
  const shown = 20;
  const more = lines.length - shown;
  return lines.slice(0, shown).join('; ') + (more > 0 ? `; and ${more} more` : '');
}
