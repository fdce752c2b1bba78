import { patternCovers } from '@keyturn/driver-mysql2';
import type { MariadbConnection } from '../connection.ts';
import type { Grantee } from './grant-statements.ts';
import { readRights } from './read-rights.ts';
import type { Grant, Scope, UserRights } from './rights.ts';

/** What the master that is logged in may do. */
export interface Master {
  readonly grantee: Grantee;
  /** Whether it has the privilege within the scope. */
  has(scope: Scope, privilege: string): boolean;
  /**
   * Those of the privileges that it may certainly neither give nor take. Where several of its own grants match
   * a database, the server goes by one of them alone, and may refuse more.
   */
  cannotGive(scope: Scope, privileges: readonly string[]): readonly string[];
}

/** Reads the master's own rights, those of its active role among them. */
export async function readMaster(connection: MariadbConnection): Promise<Master> {
  const [row] = await connection.query('SELECT CURRENT_USER() AS account, CURRENT_ROLE() AS role');
  const name = String(row?.account);
  const at = name.lastIndexOf('@');
  const grantee: Grantee = { username: name.slice(0, at), host: name.slice(at + 1) };
  const known = await readWithRoles(connection, grantee.username);
  const grantsOf = (user: string, host = '') => [...(known.get(user)?.get(host)?.grants.values() ?? [])];
  const own = grantsOf(grantee.username, grantee.host);
  const activeRoles = row?.role === null ? [] : reachable([String(row?.role)], grantsOf);
  // From 10.11 on there are rights that everybody has.
  const rights = [...own, ...[...activeRoles, 'PUBLIC'].flatMap((role) => grantsOf(role))];
  const roles = [...own, ...reachable(rolesIn(own), grantsOf).flatMap((role) => grantsOf(role))];
  return {
    grantee,
    has: (scope, privilege) => held(scope, rights).has(privilege),
    cannotGive(scope, privileges) {
      if (scope.level === 'role') return isAdminOf(scope.role, roles) ? [] : privileges;
      if (scope.level === 'proxy') return mayLetProxy(scope, own, grantee) ? [] : privileges;
      const mine = held(scope, rights);
      return mine.has('GRANT OPTION') ? privileges.filter((privilege) => !mine.has(privilege)) : privileges;
    },
  };
}

/** The user's rights, and those of every role that it has, directly or through another role. */
async function readWithRoles(
  connection: MariadbConnection,
  username: string,
): Promise<ReadonlyMap<string, UserRights>> {
  const known = new Map<string, UserRights>();
  let unread = [username, 'PUBLIC'];
  while (unread.length > 0) {
    const read = await readRights(connection, unread);
    for (const [name, rights] of read) known.set(name, rights);
    const accounts = [...read.values()].flatMap((rights) => [...rights.values()]);
    const roles = accounts.flatMap(({ grants }) => rolesIn([...grants.values()]));
    unread = [...new Set(roles)].filter((role) => !known.has(role));
  }
  return known;
}

function reachable(start: readonly string[], grantsOf: (role: string) => readonly Grant[]): readonly string[] {
  const found = new Set(start);
  // A Set hands out what is added while it is walked.
  for (const role of found) for (const other of rolesIn(grantsOf(role))) found.add(other);
  return [...found];
}

function rolesIn(grants: readonly Grant[]): readonly string[] {
  return grants.flatMap(({ scope }) => (scope.level === 'role' ? [scope.role] : []));
}

/** Rights of wider scopes hold in the narrower ones. */
function held(scope: Scope, grants: readonly Grant[]): ReadonlySet<string> {
  return new Set(grants.filter((grant) => covers(grant.scope, scope)).flatMap(({ privileges }) => [...privileges]));
}

function covers(wide: Scope, narrow: Scope): boolean {
  if (wide.level === 'global') return true;
  if (narrow.level === 'global' || narrow.level === 'proxy' || narrow.level === 'role') return false;
  switch (wide.level) {
    case 'database':
      return patternCovers(wide.database, narrow.database, narrow.level === 'database' ? 'pattern' : 'name');
    case 'table':
      return 'table' in narrow && wide.database === narrow.database && wide.table === narrow.table;
    case 'column':
    case 'routine':
      return JSON.stringify(wide) === JSON.stringify(narrow);
    default:
      return false;
  }
}

function isAdminOf(role: string, grants: readonly Grant[]): boolean {
  return grants.some(
    ({ scope, privileges }) => scope.level === 'role' && scope.role === role && privileges.has('ADMIN OPTION'),
  );
}

/**
 * Oneself may be lent to anybody; others by whoever may act as them and pass that on. The host in that right
 * the server compares with the address that the master comes from, whichever host the right to give names.
 */
function mayLetProxy(scope: { username: string; host: string }, own: readonly Grant[], self: Grantee): boolean {
  if (scope.username === self.username && scope.host === self.host) return true;
  return own.some(
    ({ scope: mine, privileges }) =>
      mine.level === 'proxy' &&
      privileges.has('GRANT OPTION') &&
      (mine.username === '' || mine.username === scope.username),
  );
}
