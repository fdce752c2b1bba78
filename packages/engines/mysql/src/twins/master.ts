import { patternCovers } from '@keyturn/driver-mysql2';
import type { MysqlConnection } from '../connection.ts';
import { account } from '../quoting.ts';
import { serverVersion } from '../server-version.ts';
import type { Grantee } from './grant-statements.ts';
import { rolesIn } from './mandatory-roles.ts';
import { readRights } from './read-rights.ts';
import { type Grant, type Scope, scopeKey, type UserRights } from './rights.ts';

/** What the master that is logged in may do. */
export interface Master {
  readonly grantee: Grantee;
  /** Whether it has the privilege within the scope. */
  has(scope: Scope, privilege: string): boolean;
  /**
   * Those of the privileges that it may certainly neither give nor take. Where several of its own grants match
   * a database, or a partial revoke takes something from it, the server may refuse more.
   */
  cannotGive(scope: Scope, privileges: readonly string[]): readonly string[];
}

/** Reads the master's own rights, those of its active roles among them. */
export async function readMaster(connection: MysqlConnection): Promise<Master> {
  const { username, host, active } = await whoIsIt(connection);
  const known = await readWithRoles(connection, username);
  const own = [...(known.get(username)?.get(host)?.grants.values() ?? [])];
  const grants = [...own, ...rolesFrom(active, known).flatMap((role) => grantsOf(role, known))];
  const has: Master['has'] = (scope, privilege) => held(scope, grants).has(privilege);
  const isUpdater = () => has({ level: 'database', database: 'mysql' }, 'UPDATE');
  return {
    grantee: { username, host },
    has,
    cannotGive(scope, privileges) {
      if (scope.level === 'role') return mayHandOut(scope, grants, has) ? [] : privileges;
      if (scope.level === 'proxy') return mayLetProxy(scope, own, { username, host }) ? [] : privileges;
      if (scope.level === 'dynamic') return isUpdater() || has(scope, 'GRANT OPTION') ? [] : privileges;
      const mine = held(scope, grants);
      return mine.has('GRANT OPTION') ? privileges.filter((privilege) => !mine.has(privilege)) : privileges;
    },
  };
}

interface Who extends Grantee {
  /** The active roles, as accounts, quoted. */
  readonly active: readonly string[];
}

async function whoIsIt(connection: MysqlConnection): Promise<Who> {
  const hasRoles = (await serverVersion(connection)).atLeast('8.0.0');
  const [row] = await connection.query(
    `SELECT CURRENT_USER() AS account${hasRoles ? ', CURRENT_ROLE() AS roles' : ''}`,
  );
  const name = String(row?.account);
  const at = name.lastIndexOf('@');
  const roles = String(row?.roles ?? 'NONE');
  return { username: name.slice(0, at), host: name.slice(at + 1), active: roles === 'NONE' ? [] : rolesIn(roles) };
}

type Known = ReadonlyMap<string, UserRights>;

/** The user's rights, and those of every role that it has, directly or through another role. */
async function readWithRoles(connection: MysqlConnection, username: string): Promise<Known> {
  const known = new Map<string, UserRights>();
  let unread = [username];
  while (unread.length > 0) {
    const read = await readRights(connection, unread);
    for (const [name, rights] of read) known.set(name, rights);
    const accounts = [...read.values()].flatMap((rights) => [...rights.values()]);
    const roles = accounts.flatMap(({ grants }) => [...grants.values()].flatMap(roleNames));
    unread = [...new Set(roles)].filter((role) => !known.has(role));
  }
  return known;
}

function roleNames({ scope }: Grant): readonly string[] {
  return scope.level === 'role' ? [scope.username] : [];
}

/** These roles, and those that they have, as accounts, quoted. */
function rolesFrom(start: readonly string[], known: Known): readonly string[] {
  const found = new Set(start);
  // A Set hands out what is added while it is walked.
  for (const role of found) {
    for (const { scope } of grantsOf(role, known)) {
      if (scope.level === 'role') found.add(account(scope.username, scope.host));
    }
  }
  return [...found];
}

function grantsOf(role: string, known: Known): readonly Grant[] {
  for (const [username, accounts] of known) {
    for (const [host, { grants }] of accounts) if (account(username, host) === role) return [...grants.values()];
  }
  return [];
}

/** Rights of wider scopes hold in the narrower ones. */
function held(scope: Scope, grants: readonly Grant[]): ReadonlySet<string> {
  return new Set(grants.filter((grant) => covers(grant.scope, scope)).flatMap(({ privileges }) => [...privileges]));
}

function covers(wide: Scope, narrow: Scope): boolean {
  if (narrow.level === 'proxy' || narrow.level === 'role') return false;
  switch (wide.level) {
    case 'global':
      return narrow.level !== 'dynamic';
    case 'database':
      if (!('database' in narrow) || narrow.level === 'restriction') return false;
      return patternCovers(wide.database, narrow.database, narrow.level === 'database' ? 'pattern' : 'name');
    case 'table':
      return 'table' in narrow && wide.database === narrow.database && wide.table === narrow.table;
    case 'dynamic':
    case 'column':
    case 'routine':
      return scopeKey(wide) === scopeKey(narrow);
    default:
      return false;
  }
}

function mayHandOut(role: Scope, grants: readonly Grant[], has: Master['has']): boolean {
  if (has({ level: 'dynamic', privilege: 'ROLE_ADMIN' }, 'USE') || has({ level: 'global' }, 'SUPER')) return true;
  const key = scopeKey(role);
  return grants.some(({ scope, privileges }) => scopeKey(scope) === key && privileges.has('ADMIN OPTION'));
}

/** Oneself may be lent to anybody; others by whoever may act as them and pass that on. */
function mayLetProxy(scope: { username: string; host: string }, own: readonly Grant[], self: Grantee): boolean {
  if (scope.username === self.username && scope.host === self.host) return true;
  return own.some(
    ({ scope: mine, privileges }) =>
      mine.level === 'proxy' &&
      privileges.has('GRANT OPTION') &&
      (mine.username === '' || mine.username === scope.username),
  );
}
