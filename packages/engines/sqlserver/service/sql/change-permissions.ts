import { hasServerPermission, heldBy, here, isSysadmin, ownerOf, ownsDatabase, userIn } from '../model/authority.ts';
import { dboId, publicId, publicServerRoleId, saId } from '../model/initial-state.ts';
import { sameName } from '../model/names.ts';
import { deny, grant, type PermissionKey, revoke } from '../model/permission-rows.ts';
import type { PermissionTable } from '../model/permission-table.ts';
import type { DatabaseState, PermissionRow, Thing } from '../model/server-state.ts';
import { currentDatabase, currentLogin, type Session } from '../model/session.ts';
import { cannotFind, SqlError, syntaxError } from '../model/sql-error.ts';
import { findPrincipal } from './change-logins.ts';
import { checkWritable, findUser, isInSecurityRole } from './change-users.ts';
import { databasePermissions, permissionsOf, serverPermissions } from './permission-names.ts';
import { classKeywords } from './securable-syntax.ts';
import type { On, PermissionStatement } from './statements.ts';

/** What a permission statement is about: its class and id, and who owns it. */
interface Target {
  readonly class: number;
  readonly major: number;
  readonly owner: number;
  readonly columns: readonly string[];
  readonly words: string;
}

/** GRANT, DENY and REVOKE, on the server or in the session's database. */
export function changePermissions(session: Session, statement: PermissionStatement): void {
  const { on, permissions } = statement;
  const isServer =
    on === undefined
      ? permissions.every(({ name }) => serverPermissions.has(name))
      : classKeywords.get(on.keyword)?.server === true;
  if (isServer) changeServer(session, statement);
  else changeDatabase(session, statement);
}

function changeServer(session: Session, statement: PermissionStatement): void {
  const { state } = session;
  const me = currentLogin(session);
  if (me === undefined) throw cannotFind('find', 'login', statement.grantees[0] ?? '');
  // Msg 4621: such permissions are given in master only.
  if (currentDatabase(session).name !== 'master') {
    throw new SqlError(
      4621,
      'Permissions at the server scope can only be granted when the current database is master.',
    );
  }
  const target = serverTarget(session, statement.on);
  const controls = hasServerPermission(session, 'CONTROL SERVER');
  const as = statement.as === undefined ? undefined : findPrincipal(session, statement.as);
  if (statement.as !== undefined && (as === undefined || !controls)) throw cannotFind('find', 'login', statement.as);
  const held = (name: string) =>
    mayHandOn(heldBy(state.permissions, state.members, me.id, publicServerRoleId), target, name, 0);
  for (const grantee of statement.grantees) {
    const who = findPrincipal(session, grantee);
    if (who === undefined) throw cannotFind('find', 'login', grantee);
    if (who.id === saId || who.id === me.id || (who.fixed && !sameName(who.name, 'public'))) throw protectedGrantee();
    for (const { name } of statement.permissions) {
      if (!permissionsOf(target.class).has(name)) throw syntaxError(name);
      if (!controls && !held(name)) throw noGrantPermission(target, name);
      const grantor = as?.id ?? (isSysadmin(session, me.id) || controls ? saId : me.id);
      state.permissions = apply(state.permissions, statement, key(target, 0, who.id, grantor, name));
    }
  }
}

function changeDatabase(session: Session, statement: PermissionStatement): void {
  const { database, user } = here(session);
  const target = databaseTarget(session, database, statement.on);
  const controls = isInSecurityRole(session, database);
  const as = statement.as === undefined ? undefined : findUser(database, statement.as);
  if (statement.as !== undefined && (as === undefined || (!controls && as.id !== user)))
    throw cannotFind('find', 'user', statement.as);
  for (const grantee of statement.grantees) {
    const who = findUser(database, grantee);
    if (who === undefined) throw cannotFind('find', 'user', grantee);
    if (who.id === dboId || who.id === user || who.id === target.owner || who.id === 3 || who.id === 4 || who.fixed)
      throw protectedGrantee();
    for (const permission of statement.permissions) {
      const columns = columnsOf(target, [...permission.columns, ...statement.columns]);
      if (!permissionsOf(target.class).has(permission.name)) throw syntaxError(permission.name);
      for (const minor of columns.length === 0 ? [0] : columns) {
        const mine = heldBy(database.permissions, database.members, user, publicId);
        const handsOn = mayHandOn(mine, target, permission.name, minor);
        if (!controls && !handsOn && user !== target.owner) throw noGrantPermission(target, permission.name);
        const grantor = as?.id ?? (controls || user === target.owner ? target.owner : user);
        checkWritable(database);
        database.permissions = apply(
          database.permissions,
          statement,
          key(target, minor, who.id, grantor, permission.name),
        );
      }
    }
  }
}

function key(target: Target, minor: number, grantee: number, grantor: number, name: string): PermissionKey {
  return { class: target.class, major: target.major, minor, grantee, grantor, name };
}

function apply(
  table: PermissionTable,
  { kind, withGrantOption, grantOptionOnly, cascade }: PermissionStatement,
  about: PermissionKey,
): PermissionTable {
  if (kind === 'grant') return grant(table, about, withGrantOption);
  return kind === 'deny' ? deny(table, about, cascade) : revoke(table, about, { grantOptionOnly, cascade });
}

function mayHandOn(rows: readonly PermissionRow[], target: Target, name: string, minor: number): boolean {
  return rows.some(
    (row) =>
      row.state === 'W' &&
      row.class === target.class &&
      row.major === target.major &&
      (row.minor === 0 || row.minor === minor) &&
      (row.name === name || row.name === 'CONTROL'),
  );
}

function columnsOf(target: Target, names: readonly string[]): readonly number[] {
  return names.map((name) => {
    const index = target.columns.findIndex((each) => sameName(each, name));
    if (index === -1) throw new SqlError(1911, `Column name '${name}' does not exist in the target table or view.`);
    return index + 1;
  });
}

function serverTarget(session: Session, on: On | undefined): Target {
  if (on === undefined) return { class: 100, major: 0, owner: saId, columns: [], words: 'server' };
  const { state } = session;
  const name = on.path.join('.');
  const number = classKeywords.get(on.keyword)?.number ?? 0;
  if (number === 101) {
    const found = findPrincipal(session, name);
    const isRole = on.keyword === 'SERVER ROLE';
    if (found === undefined || (found.type === 'R') !== isRole)
      throw cannotFind('find', on.keyword.toLowerCase(), name);
    return { class: number, major: found.id, owner: found.owner, columns: [], words: name };
  }
  const list = number === 105 ? state.endpoints : state.availabilityGroups;
  const found = list.find((each) => sameName(each.name, name));
  if (found === undefined) throw cannotFind('find', on.keyword.toLowerCase(), name);
  return { class: number, major: found.id, owner: found.owner ?? saId, columns: [], words: name };
}

function databaseTarget(session: Session, database: DatabaseState, on: On | undefined): Target {
  if (on === undefined || on.keyword === 'DATABASE') {
    if (on !== undefined && !sameName(on.path.join('.'), database.name))
      throw cannotFind('find', 'database', on.path.join('.'));
    return { class: 0, major: 0, owner: dboId, columns: [], words: database.name };
  }
  const known = classKeywords.get(on.keyword);
  const name = on.path.at(-1) ?? '';
  if (known?.number === 4) {
    const found = findUser(database, name);
    const type = { ROLE: 'R', 'APPLICATION ROLE': 'A' }[on.keyword] ?? 'S';
    if (found?.type !== type) throw cannotFind('find', on.keyword.toLowerCase(), name);
    return { class: 4, major: found.id, owner: found.owner, columns: [], words: name };
  }
  const thing = thingNamed(database, on);
  const sees = ownsDatabase(session, database) || userIn(session, database) !== undefined;
  if (thing === undefined || !sees) throw cannotFind('find', on.keyword.toLowerCase(), name);
  return { class: thing.class, major: thing.id, owner: ownerOf(database, thing), columns: thing.columns, words: name };
}

/** The thing of this class and name; in a schema, dbo unless one is named. */
export function thingNamed(database: DatabaseState, { keyword, path }: On): Thing | undefined {
  const known = classKeywords.get(keyword);
  if (known === undefined || path.length > (known.inSchema ? 2 : 1)) return undefined;
  const schemaName = path.length > 1 ? (path[0] ?? '') : 'dbo';
  const schema = database.things.find((each) => each.class === 3 && sameName(each.name, schemaName));
  return database.things.find(
    (each) =>
      each.class === known.number &&
      sameName(each.name, path.at(-1) ?? '') &&
      (!known.inSchema || each.schema === schema?.id),
  );
}

function protectedGrantee(): SqlError {
  return new SqlError(
    4624,
    'Cannot grant, deny, or revoke permissions to sa, dbo, entity owner, information_schema, sys, or yourself.',
  );
}

function noGrantPermission({ words }: Target, permission: string): SqlError {
  if (databasePermissions.has(permission) || serverPermissions.has(permission)) {
    return new SqlError(4613, 'Grantor does not have GRANT permission.');
  }
  return cannotFind('find', 'object', words);
}
