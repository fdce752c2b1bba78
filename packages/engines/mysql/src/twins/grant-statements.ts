import { account, identifier } from '../quoting.ts';
import type { Scope } from './rights.ts';

/** Who gets it, or loses it. */
export interface Grantee {
  readonly username: string;
  readonly host: string;
}

/** The GRANT that gives these rights, all of one scope. Of a restriction: the REVOKE that makes it. */
export function grantStatement(scope: Scope, privileges: readonly string[], grantee: Grantee): string {
  const to = account(grantee.username, grantee.host);
  if (scope.level === 'restriction') return `REVOKE ${privileges.join(', ')} ON ${object(scope)} FROM ${to}`;
  if (scope.level === 'role') {
    return `GRANT ${object(scope)} TO ${to}${privileges.includes('ADMIN OPTION') ? ' WITH ADMIN OPTION' : ''}`;
  }
  const option = privileges.includes('GRANT OPTION') ? ' WITH GRANT OPTION' : '';
  return `GRANT ${rightsIn(scope, privileges) || 'USAGE'} ON ${object(scope)} TO ${to}${option}`;
}

/** The REVOKE that takes these rights, all of one scope. Of a restriction: the GRANT that lifts it. */
export function revokeStatement(scope: Scope, privileges: readonly string[], grantee: Grantee): string {
  const from = account(grantee.username, grantee.host);
  if (scope.level === 'restriction') return `GRANT ${privileges.join(', ')} ON ${object(scope)} TO ${from}`;
  if (scope.level === 'role') return `REVOKE ${object(scope)} FROM ${from}`;
  const option = privileges.includes('GRANT OPTION') && !isWhole(scope) ? ['GRANT OPTION'] : [];
  const rights = [rightsIn(scope, privileges), ...option].filter((words) => words !== '').join(', ');
  return `REVOKE ${rights} ON ${object(scope)} FROM ${from}`;
}

/**
 * Whether the option to pass the right on cannot be taken from it: then the right is taken with it, and given
 * again without.
 */
export function isWhole({ level }: Scope): boolean {
  return level === 'proxy' || level === 'role' || level === 'dynamic';
}

/** What a scope that {@link isWhole} consists of, besides its option. */
export function wholeRight({ level }: Scope): string {
  return level === 'proxy' ? 'PROXY' : level === 'role' ? 'ROLE' : 'USE';
}

function rightsIn(scope: Scope, privileges: readonly string[]): string {
  const rights = privileges.filter((privilege) => privilege !== 'GRANT OPTION');
  if (scope.level === 'dynamic') return identifierOfPrivilege(scope.privilege);
  if (scope.level === 'proxy') return 'PROXY';
  if (scope.level === 'column') {
    return rights.map((privilege) => `${privilege} (${identifier(scope.column)})`).join(', ');
  }
  return rights.join(', ');
}

/** A word as plugins and components name their privileges: anything else cannot be granted at all. */
function identifierOfPrivilege(privilege: string): string {
  return /^[A-Z][A-Z0-9_]*$/.test(privilege) ? privilege : identifier(privilege);
}

function object(scope: Scope): string {
  switch (scope.level) {
    case 'global':
    case 'dynamic':
      return '*.*';
    case 'restriction':
    case 'database':
      return `${identifier(scope.database)}.*`;
    case 'table':
    case 'column':
      return `${identifier(scope.database)}.${identifier(scope.table)}`;
    case 'routine':
      return `${scope.kind} ${identifier(scope.database)}.${identifier(scope.routine)}`;
    case 'proxy':
    case 'role':
      return account(scope.username, scope.host);
  }
}
