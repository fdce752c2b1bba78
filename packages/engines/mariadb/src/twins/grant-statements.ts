import { account, identifier } from '../quoting.ts';
import type { Scope } from './rights.ts';

/** Who gets it, or loses it. */
export interface Grantee {
  readonly username: string;
  readonly host: string;
}

/** The GRANT that gives these rights, all of one scope. */
export function grantStatement(scope: Scope, privileges: readonly string[], grantee: Grantee): string {
  const to = account(grantee.username, grantee.host);
  if (scope.level === 'role') {
    return `GRANT ${identifier(scope.role)} TO ${to}${privileges.includes('ADMIN OPTION') ? ' WITH ADMIN OPTION' : ''}`;
  }
  const option = privileges.includes('GRANT OPTION') ? ' WITH GRANT OPTION' : '';
  const rights = privileges.filter((privilege) => privilege !== 'GRANT OPTION');
  // PROXY is all that a grant to act as somebody else consists of.
  const neutral = scope.level === 'proxy' ? 'PROXY' : 'USAGE';
  return `GRANT ${rights.length === 0 ? neutral : inScope(scope, rights)} ON ${object(scope)} TO ${to}${option}`;
}

/** The REVOKE that takes these rights, all of one scope. */
export function revokeStatement(scope: Scope, privileges: readonly string[], grantee: Grantee): string {
  const from = account(grantee.username, grantee.host);
  if (scope.level === 'role') {
    const option = privileges.includes('ROLE') ? '' : 'ADMIN OPTION FOR ';
    return `REVOKE ${option}${identifier(scope.role)} FROM ${from}`;
  }
  // The option alone cannot be taken from it.
  if (scope.level === 'proxy') return `REVOKE PROXY ON ${object(scope)} FROM ${from}`;
  return `REVOKE ${inScope(scope, privileges)} ON ${object(scope)} FROM ${from}`;
}

/** Whether the server understands the statement in the sql_mode ORACLE only. */
export function needsOracleMode(scope: Scope): boolean {
  return scope.level === 'routine' && scope.kind.startsWith('PACKAGE');
}

function inScope(scope: Scope, privileges: readonly string[]): string {
  if (scope.level !== 'column') return privileges.join(', ');
  return privileges.map((privilege) => `${privilege} (${identifier(scope.column)})`).join(', ');
}

function object(scope: Exclude<Scope, { level: 'role' }>): string {
  switch (scope.level) {
    case 'global':
      return '*.*';
    case 'database':
      return `${identifier(scope.database)}.*`;
    case 'table':
    case 'column':
      return `${identifier(scope.database)}.${identifier(scope.table)}`;
    case 'routine':
      return `${scope.kind} ${identifier(scope.database)}.${identifier(scope.routine)}`;
    case 'proxy':
      return account(scope.username, scope.host);
  }
}
