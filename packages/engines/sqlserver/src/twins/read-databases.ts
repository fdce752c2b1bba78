import type { Row, SqlServerConnection } from '../connection.ts';
import { databaseRightsSql, namesSql, rightsBeforeOwners, usersSql } from './database-query.ts';
import type { Holder, Permission, PermissionState, Place, Securable } from './rights.ts';
import { grouped, ofHolder } from './rows.ts';
import { databaseClass, objectClass, principalClass, principalKeyword, securableClasses } from './securable-classes.ts';

/** How the two users are told in the rows of a database. */
export interface Pairing {
  ofCurrent(row: Row): boolean;
  ofNext(row: Row): boolean;
  /** The name that the next user gets where it is made. */
  readonly nextName: string;
  /** A condition on `sys.database_principals AS u` that finds them, and whoever has that name. */
  readonly who: string;
  /** Whether the database authenticates them. */
  readonly contained: boolean;
}

/** The id of dbo in every database. */
const dboId = 1;

interface Found {
  readonly database: Row;
  readonly master: Row;
  readonly current: Row | undefined;
  readonly next: Row | undefined;
  readonly nameTaken: boolean;
}

/** Every user has this by CREATE USER. */
const fromCreation: readonly Permission[] = [
  {
    group: '0:0:CONNECT',
    securable: { keyword: '', names: [] },
    column: undefined,
    name: 'CONNECT',
    state: 'G',
    grantor: 'dbo',
  },
];

/** Asks for the users in these databases, in two SELECTs each; {@link readDatabases} reads the answers. */
export function usersInSql(databases: readonly Row[], { who }: Pairing): readonly string[] {
  return databases.flatMap(({ name }) => usersSql(String(name), who));
}

/** Reads what two users are and may do in those of the databases where one of them is a user. */
export async function readDatabases(
  connection: SqlServerConnection,
  databases: readonly Row[],
  pairing: Pairing,
  users: readonly (readonly Row[])[],
): Promise<readonly Place[]> {
  const found = databases
    .map((database, index) => find(database, users[index * 2]?.[0] ?? {}, users[index * 2 + 1] ?? [], pairing))
    .filter(({ current, next }) => current !== undefined || next !== undefined);
  if (found.length === 0) return [];
  const read = await connection.query(
    found.map((each) => databaseRightsSql(String(each.database.name), idsOf(each))).join(';\n'),
  );
  const perDatabase = rightsBeforeOwners + securableClasses.length;
  const rights = found.map((_, index) => read.slice(index * perDatabase, (index + 1) * perDatabase));
  const names = await readNames(connection, found, rights);
  return found.map((each, index) => place(each, rights[index] ?? [], names[index] ?? new Map(), pairing));
}

function find(database: Row, master: Row, rows: readonly Row[], pairing: Pairing): Found {
  const current = rows.find(pairing.ofCurrent);
  const next = rows.find(pairing.ofNext);
  const nameTaken = next === undefined && rows.some((row) => row !== current);
  return { database, master, current, next, nameTaken };
}

function idsOf({ current, next }: Found): readonly number[] {
  return [current, next].flatMap((row) => (row === undefined ? [] : [Number(row.id)]));
}

type Names = ReadonlyMap<string, { readonly securable?: Securable; readonly column?: string }>;

async function readNames(
  connection: SqlServerConnection,
  found: readonly Found[],
  rights: readonly (readonly (readonly Row[])[])[],
): Promise<readonly Names[]> {
  const asked = found.map(({ database }, index) => {
    const wanted = new Map<number, Set<number>>();
    for (const { class: number, major } of rights[index]?.[1] ?? []) {
      if (number === databaseClass) continue;
      wanted.set(Number(number), (wanted.get(Number(number)) ?? new Set()).add(Number(major)));
    }
    return namesSql(String(database.name), wanted);
  });
  const all = asked.flat();
  const results = all.length === 0 ? [] : await connection.query(all.join(';\n'));
  let at = 0;
  return asked.map((selects) => {
    const rows = results.slice(at, at + selects.length).flat();
    at += selects.length;
    return new Map(rows.map((row) => [`${row.class}:${row.id}:${row.minor ?? 0}`, nameOf(row)]));
  });
}

function nameOf(row: Row): { readonly securable?: Securable; readonly column?: string } {
  if (row.minor !== undefined) return { column: String(row.name) };
  return { securable: { keyword: keywordOf(Number(row.class), row.kind), names: namesIn(row) } };
}

function keywordOf(number: number, kind: unknown): string {
  if (number === principalClass) return principalKeyword(kind);
  return securableClasses.find((each) => each.number === number)?.keyword ?? '';
}

function namesIn(row: Row): readonly string[] {
  return row.schema === undefined ? [String(row.name)] : [String(row.schema), String(row.name)];
}

function place(found: Found, rights: readonly (readonly Row[])[], names: Names, pairing: Pairing): Place {
  const { database, master, current, next, nameTaken } = found;
  return {
    database: String(database.name),
    writable: !(database.readOnly === true || database.readOnly === 1),
    current: holder(current, '', rights, names, pairing),
    next: holder(next, pairing.nextName, rights, names, pairing),
    nameTaken,
    master: {
      name: undefined,
      seesAll: master.seesAll === 1,
      altersUsers: master.altersUsers === 1,
      altersRoles: master.altersRoles === 1,
    },
  };
}

function holder(
  row: Row | undefined,
  name: string,
  rights: readonly (readonly Row[])[],
  names: Names,
  { contained }: Pairing,
): Holder {
  const [roles = [], permissions = [], handedOn = [], ...owned] = rights.map((rows) => ofHolder(rows, row?.id));
  const exists = row !== undefined;
  return {
    exists,
    name: exists ? String(row.name) : name,
    isDbo: row?.id === dboId,
    attributes: exists ? attributes(row, contained) : new Map(),
    roles: new Set(roles.map((role) => String(role.name))),
    credentials: new Set(),
    permissions: exists ? permissions.map((each) => permission(each, names)) : fromCreation,
    handedOn: grouped(handedOn),
    owns: owned.flat().map((each) => ({
      keyword: each.kind === undefined ? String(each.keyword) : principalKeyword(each.kind),
      names: namesIn(each),
    })),
  };
}

function attributes(row: Row, contained: boolean): ReadonlyMap<string, string | undefined> {
  const value = (column: unknown) => (typeof column === 'string' ? column : undefined);
  return new Map([
    ['DEFAULT_SCHEMA', value(row.schema)],
    ['ALLOW_ENCRYPTED_VALUE_MODIFICATIONS', row.encrypted === true || row.encrypted === 1 ? 'ON' : 'OFF'],
    ...(contained ? ([['DEFAULT_LANGUAGE', value(row.language)]] as const) : []),
  ]);
}

function permission(row: Row, names: Names): Permission {
  const { class: number, major, minor } = row;
  const isColumn = number === objectClass && minor !== 0;
  const column = isColumn ? names.get(`${number}:${major}:${minor}`)?.column : undefined;
  const securable =
    number === databaseClass ? { keyword: '', names: [] } : names.get(`${number}:${major}:0`)?.securable;
  return {
    group: `${number}:${major}:${row.name}`,
    // A column without a name is as good as a table without one.
    securable: isColumn && column === undefined ? undefined : securable,
    column,
    name: String(row.name),
    state: String(row.state).trim() as PermissionState,
    grantor: String(row.grantor),
  };
}
