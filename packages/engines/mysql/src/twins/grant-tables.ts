import { privilegesOfSet } from '@keyturn/driver-mysql2';
import type { Row } from '../connection.ts';
import type { Scope } from './rights.ts';

/** A table of grants: the columns that say whose they are, what they are about, and what they allow. */
interface GrantTable {
  readonly table: string;
  readonly owner: readonly [user: string, host: string];
  readonly about: readonly string[];
  readonly allows: string;
  readonly scope: (names: readonly string[]) => Scope;
  readonly privileges: (allows: string) => readonly string[];
}

const owner = ['User', 'Host'] as const;

const tables: readonly GrantTable[] = [
  {
    table: 'tables_priv',
    owner,
    about: ['Db', 'Table_name'],
    allows: 'Table_priv',
    scope: ([database = '', table = '']) => ({ level: 'table', database, table }),
    privileges: privilegesOfSet,
  },
  {
    table: 'columns_priv',
    owner,
    about: ['Db', 'Table_name', 'Column_name'],
    allows: 'Column_priv',
    scope: ([database = '', table = '', column = '']) => ({ level: 'column', database, table, column }),
    privileges: privilegesOfSet,
  },
  {
    table: 'procs_priv',
    owner,
    about: ['Routine_type', 'Db', 'Routine_name'],
    allows: 'Proc_priv',
    scope: ([kind = '', database = '', routine = '']) => ({ level: 'routine', kind, database, routine }),
    privileges: privilegesOfSet,
  },
  {
    table: 'proxies_priv',
    owner,
    about: ['Proxied_user', 'Proxied_host'],
    allows: 'With_grant',
    scope: ([username = '', host = '']) => ({ level: 'proxy', username, host }),
    privileges: (option) => ['PROXY', ...(option === '1' ? ['GRANT OPTION'] : [])],
  },
];

const tablesOfRoles: readonly GrantTable[] = [
  {
    table: 'global_grants',
    owner: ['USER', 'HOST'],
    about: ['PRIV'],
    allows: 'WITH_GRANT_OPTION',
    scope: ([privilege = '']) => ({ level: 'dynamic', privilege: privilege.toUpperCase() }),
    privileges: (option) => ['USE', ...(option === 'Y' ? ['GRANT OPTION'] : [])],
  },
  {
    table: 'role_edges',
    owner: ['TO_USER', 'TO_HOST'],
    about: ['FROM_USER', 'FROM_HOST'],
    allows: 'WITH_ADMIN_OPTION',
    scope: ([username = '', host = '']) => ({ level: 'role', username, host }),
    privileges: (option) => ['ROLE', ...(option === 'Y' ? ['ADMIN OPTION'] : [])],
  },
];

const defaultRoles = 'default_roles';

/** A default role of an account. */
export interface DefaultRole {
  readonly owner: Row;
  readonly username: string;
  readonly host: string;
}

/** What {@link grantsQuery} finds. */
export interface FoundGrants {
  readonly grants: readonly { readonly owner: Row; readonly scope: Scope; readonly privileges: readonly string[] }[];
  readonly defaultRoles: readonly DefaultRole[];
}

/**
 * One statement that reads all tables of grants, but for `mysql.db`, which has a column for each privilege.
 * @param names the users, as literals, compared byte by byte
 */
export function grantsQuery(names: string, hasRoles: boolean): string {
  const parts = (hasRoles ? [...tables, ...tablesOfRoles] : tables).map((one) =>
    partOf(one.table, one.owner, one.about, one.allows, names),
  );
  if (hasRoles) {
    parts.push(partOf(defaultRoles, ['USER', 'HOST'], ['DEFAULT_ROLE_USER', 'DEFAULT_ROLE_HOST'], "''", names));
  }
  return parts.join('\nUNION ALL\n');
}

/** Reads the rows of {@link grantsQuery}. */
export function foundGrants(rows: readonly Row[]): FoundGrants {
  const grants: FoundGrants['grants'][number][] = [];
  const roles: DefaultRole[] = [];
  for (const { source, owner_user: User, owner_host: Host, a, b, c, allows } of rows) {
    const table = [...tables, ...tablesOfRoles].find((one) => one.table === source);
    const found = { User, Host };
    if (table === undefined) roles.push({ owner: found, username: String(a), host: String(b) });
    else {
      const scope = table.scope([a, b, c].map(String));
      grants.push({ owner: found, scope, privileges: table.privileges(String(allows)) });
    }
  }
  return { grants, defaultRoles: roles };
}

function partOf(
  table: string,
  [user, host]: readonly [string, string],
  about: readonly string[],
  allows: string,
  names: string,
): string {
  const columns = [
    `'${table}' AS source`,
    `${text(user)} AS owner_user`,
    `${text(host)} AS owner_host`,
    ...['a', 'b', 'c'].map((name, at) => `${text(about[at] ?? "''")} AS ${name}`),
    `${text(allows)} AS allows`,
  ];
  return `(SELECT ${columns.join(', ')} FROM mysql.${table} WHERE CAST(${user} AS BINARY) IN (${names}))`;
}

/** The tables have columns of several collations, which a UNION does not mix. */
function text(column: string): string {
  return `CONVERT(${column} USING utf8mb4) COLLATE utf8mb4_bin`;
}
