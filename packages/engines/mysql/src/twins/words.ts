import { quoted } from '@keyturn/core';
import type { Difference } from './differences.ts';
import { wholeRight } from './grant-statements.ts';
import type { Scope } from './rights.ts';

/** `app@'%'`; with anything else than letters in it, quoted so that it can stand in a log line. */
export function accountWords(username: string, host: string): string {
  return `${nameWords(username)}@${/^[\w.%:/-]+$/.test(host) ? `'${bounded(host)}'` : quoted(host)}`;
}

/** What somebody may do there: `SELECT, INSERT ON app.*`, `the role readers@'%' WITH ADMIN OPTION`. */
export function rightWords(scope: Scope, privileges: readonly string[]): string {
  const list = privileges.join(', ');
  switch (scope.level) {
    case 'global':
      return `${list} ON *.*`;
    case 'dynamic':
      return wholeWords(scope, `${nameWords(scope.privilege)} ON *.*`, privileges);
    case 'restriction':
      return `the partial revoke of ${list} ON ${nameWords(scope.database)}.*`;
    case 'database':
      return `${list} ON ${nameWords(scope.database)}.*`;
    case 'table':
      return `${list} ON ${nameWords(scope.database)}.${nameWords(scope.table)}`;
    case 'column': {
      const column = nameWords(scope.column);
      const columns = privileges.map((privilege) => `${privilege} (${column})`).join(', ');
      return `${columns} ON ${nameWords(scope.database)}.${nameWords(scope.table)}`;
    }
    case 'routine':
      return `${list} ON ${scope.kind} ${nameWords(scope.database)}.${nameWords(scope.routine)}`;
    case 'proxy':
      return wholeWords(scope, `PROXY ON ${accountWords(scope.username, scope.host)}`, privileges);
    case 'role':
      return wholeWords(scope, `the role ${accountWords(scope.username, scope.host)}`, privileges);
  }
}

/** The difference as lines about the user `next`, in both directions. */
export function differenceWords(difference: Difference, current: string, next: string): readonly string[] {
  const { host } = difference;
  const [who, model] = [accountWords(next, host), accountWords(current, host)];
  switch (difference.kind) {
    case 'account':
      return difference.lacking ? [`${who} does not exist, ${model} does`] : [`${who} exists, ${model} does not`];
    case 'condition':
      return [
        `${who} has ${difference.name} ${valueWords(difference.has)}, ${model} has ${valueWords(difference.wanted)}`,
      ];
    case 'grant':
      return [
        ...(difference.lacking.length > 0 ? [`${who} lacks ${rightWords(difference.scope, difference.lacking)}`] : []),
        ...(difference.beyond.length > 0
          ? [`${who} has ${rightWords(difference.scope, difference.beyond)}, ${model} has not`]
          : []),
      ];
  }
}

/** As many lines as a message may hold. */
export function listed(lines: readonly string[]): string {
  const shown = 20;
  const more = lines.length - shown;
  return lines.slice(0, shown).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** The value of a condition, which may hold what a user has written. */
export function valueWords(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) ? bounded(value) : quoted(value);
}

function wholeWords(scope: Scope, what: string, privileges: readonly string[]): string {
  const option = scope.level === 'role' ? 'ADMIN OPTION' : 'GRANT OPTION';
  if (!privileges.includes(wholeRight(scope))) return `${option} FOR ${what}`;
  return privileges.includes(option) ? `${what} WITH ${option}` : what;
}

function nameWords(name: string): string {
  return /^[\w$%\\.-]+$/.test(name) ? bounded(name) : quoted(name);
}

function bounded(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
