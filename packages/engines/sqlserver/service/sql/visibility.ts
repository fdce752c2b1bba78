import { hasDatabasePermission, hasServerPermission, rolesOf, userIn } from '../model/authority.ts';
import { saId } from '../model/initial-state.ts';
import type { DatabasePrincipal, DatabaseState, ServerPrincipal, Thing } from '../model/server-state.ts';
import { currentLogin, type Session } from '../model/session.ts';

/** Whom a session sees among the principals of the server (metadata visibility). */
export function loginsSeenBy(session: Session): (principal: ServerPrincipal) => boolean {
  const login = currentLogin(session);
  const roles = login === undefined ? new Set<number>() : rolesOf(session.state.members, login.id);
  const all = hasServerPermission(session, 'VIEW ANY DEFINITION');
  const allRoles = all || hasServerPermission(session, 'ALTER ANY SERVER ROLE');
  const allLogins = all || hasServerPermission(session, 'ALTER ANY LOGIN');
  return ({ id, fixed, type }) =>
    id === saId || fixed || id === login?.id || (type === 'R' ? allRoles || roles.has(id) : allLogins);
}

/** Whom a session sees among the users and roles of a database. */
export function usersSeenBy(session: Session, database: DatabaseState): (principal: DatabasePrincipal) => boolean {
  const user = userIn(session, database);
  const roles = user === undefined ? new Set<number>() : rolesOf(database.members, user);
  const all = hasDatabasePermission(session, database, 'VIEW DEFINITION');
  const allRoles = all || hasDatabasePermission(session, database, 'ALTER ANY ROLE');
  const allUsers = all || hasDatabasePermission(session, database, 'ALTER ANY USER');
  return ({ id, fixed, type }) =>
    id <= 4 || fixed || id === user || roles.has(id) || (type === 'S' ? allUsers : allRoles);
}

/** Which things a session sees: those that it has a right on, unless it may see all. */
export function thingsSeenBy(session: Session, database: DatabaseState): (thing: Thing) => boolean {
  if (hasDatabasePermission(session, database, 'VIEW DEFINITION')) return () => true;
  const user = userIn(session, database);
  const mine = new Set([user, ...rolesOf(database.members, user ?? -1)]);
  const rows = database.permissions.of([...mine].filter((id) => id !== undefined));
  return (thing) => rows.some((row) => row.class === thing.class && row.major === thing.id);
}
