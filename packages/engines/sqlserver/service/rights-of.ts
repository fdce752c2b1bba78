import { rolesOf } from './model/authority.ts';
import { sameName } from './model/names.ts';
import type { PermissionTable } from './model/permission-table.ts';
import type { DatabaseState, PermissionRow, ServerState } from './model/server-state.ts';

/**
 * Everything that a user is and may do, read off the server's own data and not through its catalogue: sorted, one a
 * line, with `<user>` for its name.
 */
export function rightsOf(state: ServerState, username: string): readonly string[] {
  const login = state.principals.find((each) => each.type === 'S' && sameName(each.name, username));
  if (login === undefined) return containedRights(state, username);
  const lines = [
    `default database ${login.defaultDatabase}`,
    `default language ${login.defaultLanguage}`,
    `policy ${login.checkPolicy}, expiration ${login.checkExpiration}, disabled ${login.disabled}`,
    ...roleNames(state.members, state.principals, login.id).map((name) => `server role ${name}`),
    ...permissionLines(state.permissions, login.id, (row) => serverThing(state, row)),
    ...state.loginCredentials
      .filter((each) => each.login === login.id)
      .map(({ credential }) => `credential ${credential}`),
    ...state.databases.flatMap((database) => {
      const user = database.principals.find(({ sid, type }) => sid === login.sid && type === 'S');
      return user === undefined ? [] : databaseLines(database, user.id);
    }),
  ];
  return lines.sort();
}

function containedRights(state: ServerState, username: string): readonly string[] {
  const lines = state.databases.flatMap((database) => {
    const user = database.principals.find((each) => each.authentication === 2 && sameName(each.name, username));
    return user === undefined ? [] : databaseLines(database, user.id);
  });
  return lines.sort();
}

function databaseLines(database: DatabaseState, userId: number): readonly string[] {
  const user = database.principals.find(({ id }) => id === userId);
  if (user === undefined) return [];
  const at = `in ${database.name}:`;
  return [
    `${at} user, schema ${user.defaultSchema}, language ${user.defaultLanguage}, encrypted ${user.encryptedModifications}`,
    ...roleNames(database.members, database.principals, userId).map((name) => `${at} role ${name}`),
    ...permissionLines(database.permissions, userId, (row) => databaseThing(database, row)).map(
      (line) => `${at} ${line}`,
    ),
  ];
}

/** Direct and inherited. */
function roleNames(
  members: ServerState['members'],
  principals: readonly { readonly id: number; readonly name: string }[],
  id: number,
): readonly string[] {
  const roles = rolesOf(members, id);
  return principals.filter((each) => roles.has(each.id)).map(({ name }) => name);
}

function permissionLines(
  table: PermissionTable,
  grantee: number,
  thing: (row: PermissionRow) => string,
): readonly string[] {
  const strongest = new Map<string, PermissionRow['state']>();
  for (const row of table.of([grantee])) {
    const key = `${row.name} on ${thing(row)}`;
    const known = strongest.get(key) ?? 'R';
    strongest.set(key, 'RGWD'.indexOf(row.state) >= 'RGWD'.indexOf(known) ? row.state : known);
  }
  return [...strongest].map(([key, state]) => `${state} ${key}`);
}

function serverThing(state: ServerState, { class: number, major }: PermissionRow): string {
  const list = { 101: state.principals, 105: state.endpoints, 108: state.availabilityGroups }[number];
  return `${number}:${list?.find(({ id }) => id === major)?.name ?? major}`;
}

function databaseThing(database: DatabaseState, { class: number, major, minor }: PermissionRow): string {
  const found = database.things.find((each) => each.class === number && each.id === major);
  const name = number === 4 ? database.principals.find(({ id }) => id === major)?.name : found?.name;
  return `${number}:${found?.schema ?? ''}:${name ?? major}${minor === 0 ? '' : `.${found?.columns[minor - 1]}`}`;
}
