import { dbOwnerId, dboId, guestId, publicId, publicServerRoleId, sysadminId } from './initial-state.ts';
import { sameName } from './names.ts';
import type { PermissionTable } from './permission-table.ts';
import type { DatabaseState, Membership, PermissionRow, Thing } from './server-state.ts';
import { currentDatabase, currentLogin, type Session } from './session.ts';

/** Which permissions of the server another one brings with it (the permissions hierarchy of the Database Engine). */
const serverCovers: Readonly<Record<string, readonly string[]>> = {
  'CONTROL SERVER': ['*'],
  'ALTER ANY DATABASE': ['CREATE ANY DATABASE', 'VIEW ANY DATABASE'],
};
/** What a fixed role of the server may. */
const serverRoleMay: Readonly<Record<string, readonly string[]>> = { securityadmin: ['ALTER ANY LOGIN'] };
const databaseCovers: Readonly<Record<string, readonly string[]>> = {
  CONTROL: ['*'],
  ALTER: ['ALTER ANY USER', 'ALTER ANY ROLE', 'ALTER ANY SCHEMA', 'VIEW DEFINITION'],
  'ALTER ANY USER': [],
};
const databaseRoleMay: Readonly<Record<string, readonly string[]>> = {
  db_owner: ['*'],
  db_securityadmin: ['ALTER ANY ROLE', 'ALTER ANY APPLICATION ROLE', 'CREATE SCHEMA', 'VIEW DEFINITION'],
  db_accessadmin: ['ALTER ANY USER', 'CREATE SCHEMA'],
};

/** All roles that the principal is in, through others too. */
export function rolesOf(members: readonly Membership[], principal: number): ReadonlySet<number> {
  const found = new Set<number>();
  const todo = [principal];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    for (const { role, member } of members) {
      if (member !== next || found.has(role)) continue;
      found.add(role);
      todo.push(role);
    }
  }
  return found;
}

/** Whether somebody is a member of sysadmin. */
export function isSysadmin({ state }: Session, loginId: number): boolean {
  return rolesOf(state.members, loginId).has(sysadminId);
}

/** Whether the session may do this on the server. */
export function hasServerPermission(session: Session, permission: string): boolean {
  const login = currentLogin(session);
  if (login === undefined) return false;
  return loginHasServerPermission(session, login.id, permission);
}

/** Whether a login may do this on the server. */
export function loginHasServerPermission(session: Session, loginId: number, permission: string): boolean {
  const { state } = session;
  if (isSysadmin(session, loginId)) return true;
  const roles = rolesOf(state.members, loginId);
  const holders = new Set([loginId, publicServerRoleId, ...roles]);
  const rows = state.permissions.of(holders).filter((row) => row.class === 100);
  if (rows.some((row) => row.state === 'D' && row.name === permission)) return false;
  const byRole = state.principals.some(
    ({ id, name }) => roles.has(id) && (serverRoleMay[name] ?? []).includes(permission),
  );
  return byRole || rows.some((row) => row.state !== 'D' && covers(serverCovers, row.name, permission));
}

function covers(table: Readonly<Record<string, readonly string[]>>, held: string, asked: string): boolean {
  const all = table[held] ?? [];
  return held === asked || all.includes('*') || all.includes(asked);
}

/** The user that the session is in this database; undefined where it may not go. */
export function userIn(session: Session, database: DatabaseState): number | undefined {
  const { identity } = session;
  if (identity.kind === 'contained') return identity.databaseId === database.id ? identity.userId : guestIn(database);
  const login = currentLogin(session);
  if (login === undefined) return undefined;
  if (isSysadmin(session, login.id) || login.sid === database.ownerSid) return dboId;
  const own = database.principals.find(({ sid, type }) => sid === login.sid && type === 'S');
  if (own !== undefined) return mayConnect(database, own.id) ? own.id : undefined;
  return guestIn(database) ?? (hasServerPermission(session, 'CONNECT ANY DATABASE') ? guestId : undefined);
}

function guestIn(database: DatabaseState): number | undefined {
  return mayConnect(database, guestId) ? guestId : undefined;
}

/** Whether a user may enter its database. */
export function mayConnect(database: DatabaseState, userId: number): boolean {
  const rows = database.permissions.of([userId]).filter((row) => row.class === 0 && row.name === 'CONNECT');
  return rows.some(({ state }) => state === 'G' || state === 'W') && !rows.some(({ state }) => state === 'D');
}

/** Whether the session may do this in the database: a permission on the whole of it. */
export function hasDatabasePermission(session: Session, database: DatabaseState, permission: string): boolean {
  if (hasServerPermission(session, 'CONTROL SERVER')) return true;
  if (permission === 'VIEW DEFINITION' && hasServerPermission(session, 'VIEW ANY DEFINITION')) return true;
  const user = userIn(session, database);
  if (user === undefined) return false;
  if (user === dboId) return true;
  const roles = rolesOf(database.members, user);
  const holders = new Set([user, publicId, ...roles]);
  const rows = database.permissions.of(holders).filter((row) => row.class === 0);
  if (rows.some((row) => row.state === 'D' && row.name === permission)) return roles.has(dbOwnerId);
  const byRole = database.principals.some(({ id, name, fixed }) => fixed && roles.has(id) && may(name, permission));
  return byRole || rows.some((row) => row.state !== 'D' && covers(databaseCovers, row.name, permission));
}

function may(role: string, permission: string): boolean {
  const all = databaseRoleMay[role] ?? [];
  return all.includes('*') || all.includes(permission);
}

/** Whether the session is an owner of the database: dbo, or in db_owner, or above them. */
export function ownsDatabase(session: Session, database: DatabaseState): boolean {
  const user = userIn(session, database);
  return (
    hasServerPermission(session, 'CONTROL SERVER') ||
    user === dboId ||
    (user !== undefined && rolesOf(database.members, user).has(dbOwnerId))
  );
}

/** Whether the session is in a fixed role of its database. */
export function isInFixedRole(session: Session, database: DatabaseState, role: string): boolean {
  const user = userIn(session, database);
  const found = database.principals.find(({ name, fixed }) => fixed && sameName(name, role));
  return user !== undefined && found !== undefined && rolesOf(database.members, user).has(found.id);
}

/** Who owns a thing: its own owner, or that of its schema. */
export function ownerOf(database: DatabaseState, thing: Thing): number {
  if (thing.owner !== null) return thing.owner;
  return database.things.find(({ class: number, id }) => number === 3 && id === thing.schema)?.owner ?? dboId;
}

/** Rows that the session itself holds, directly or by its roles. */
export function heldBy(
  table: PermissionTable,
  members: readonly Membership[],
  principal: number,
  everybody: number,
): readonly PermissionRow[] {
  return table.of([principal, everybody], rolesOf(members, principal));
}

/** @throws nothing; the database that a session is in, with the user that it is there. */
export function here(session: Session): { readonly database: DatabaseState; readonly user: number } {
  const database = currentDatabase(session);
  return { database, user: userIn(session, database) ?? guestId };
}
