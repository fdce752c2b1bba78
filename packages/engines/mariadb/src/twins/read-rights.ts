import { privilegesOfColumns, privilegesOfSet } from '@keyturn/driver-mysql2';
import { methodsOf } from '../accounts.ts';
import type { MariadbConnection, Row } from '../connection.ts';
import { setPlainSqlMode } from '../plain-sql-mode.ts';
import { hexLiteral } from '../quoting.ts';
import type { Grantee } from './grant-statements.ts';
import { exactGlobalPrivileges } from './old-accounts.ts';
import { globalPrivileges } from './privilege-names.ts';
import { type AccountRights, type Grant, type Scope, scopeKey, type UserRights } from './rights.ts';
import { hasPlainNames, showGrants } from './shown-grants.ts';
import { accountKey, lifetimeOf, limitsOf, type StoredRow, storedRow, tlsOf } from './stored-account.ts';

/**
 * The rights of these users, or roles, read off the system tables in one request. A name that the server
 * does not know has no accounts.
 * @throws RotationError `missing-privilege`
 */
export async function readRights(
  connection: MariadbConnection,
  usernames: readonly string[],
): Promise<ReadonlyMap<string, UserRights>> {
  // A mode may pad what the tables hold, and may read the block below as something else.
  await setPlainSqlMode(connection);
  const [
    accounts = [],
    databases = [],
    tables = [],
    columns = [],
    routines = [],
    proxies = [],
    roles = [],
    server = [],
  ] = await connection.queryAll(block(usernames));
  const found = accounts.map(storedRow);
  const exact = await exactGlobalPrivileges(connection, found, String(server[0]?.version));
  const grants = new Map<string, Grant[]>();
  const add = ({ User, Host }: Row, scope: Scope, privileges: readonly string[]) => {
    if (privileges.length === 0) return;
    const key = accountKey(User, Host);
    const list = grants.get(key) ?? [];
    grants.set(key, [...list, { scope, privileges: new Set(privileges) }]);
  };
  for (const account of found) {
    const key = accountKey(account.User, account.Host);
    add(account, { level: 'global' }, exact.get(key) ?? globalPrivileges(account.stored.access ?? 0) ?? []);
  }
  for (const row of databases) add(row, { level: 'database', database: String(row.Db) }, privilegesOfColumns(row));
  for (const row of tables) add(row, { level: 'table', ...tableOf(row) }, privilegesOfSet(row.Table_priv));
  for (const row of columns) {
    const column = String(row.Column_name);
    add(row, { level: 'column', ...tableOf(row), column }, privilegesOfSet(row.Column_priv));
  }
  const shown = await showGrants(connection, needShowing(found, routines, proxies));
  for (const { User, Host, stored } of found) {
    const grantee = { username: User, host: Host };
    const rows = routines.filter((row) => row.User === User && row.Host === Host);
    const clear = stored.is_role === true || hasPlainNames(grantee, rows);
    for (const row of clear ? rows : []) add(row, routineOf(row), privilegesOfSet(row.Proc_priv));
    for (const { scope, privileges } of clear ? [] : shown.routines(grantee)) {
      add({ User, Host }, scope, [...privileges]);
    }
  }
  for (const row of proxies) {
    const proxied = { username: String(row.Proxied_user), host: String(row.Proxied_host) };
    add(row, { level: 'proxy', ...proxied }, ['PROXY', ...(shown.passesProxyOn(row) ? ['GRANT OPTION'] : [])]);
  }
  for (const row of roles) {
    const admin = row.Admin_option === 'Y' ? ['ADMIN OPTION'] : [];
    add(row, { level: 'role', role: String(row.Role) }, ['ROLE', ...admin]);
  }
  return new Map(
    usernames.map((username) => [
      username,
      new Map(
        found
          // The tables take "app" and "app " for the same.
          .filter(({ User }) => User === username)
          .map((row) => [row.Host, accountRights(row, grants.get(accountKey(row.User, row.Host)) ?? [])]),
      ),
    ]),
  );
}

function block(usernames: readonly string[]): string {
  const named = `BINARY User IN (${usernames.map(hexLiteral).join(', ')})`;
  return [
    'BEGIN NOT ATOMIC',
    `SELECT User, Host, Priv FROM mysql.global_priv WHERE ${named};`,
    // Which privileges there are depends on the version.
    `SELECT * FROM mysql.db WHERE ${named};`,
    `SELECT User, Host, Db, Table_name, Table_priv FROM mysql.tables_priv WHERE ${named};`,
    `SELECT User, Host, Db, Table_name, Column_name, Column_priv FROM mysql.columns_priv WHERE ${named};`,
    `SELECT User, Host, Db, Routine_name, Routine_type, Proc_priv FROM mysql.procs_priv WHERE ${named};`,
    `SELECT User, Host, Proxied_user, Proxied_host, With_grant FROM mysql.proxies_priv WHERE ${named};`,
    `SELECT User, Host, Role, Admin_option FROM mysql.roles_mapping WHERE ${named};`,
    'SELECT VERSION() AS version;',
    'END',
  ].join('\n');
}

/** The accounts of which the tables do not say all. */
function needShowing(
  found: readonly StoredRow[],
  routines: readonly Row[],
  proxies: readonly Row[],
): readonly Grantee[] {
  return found
    .filter(({ User, Host, stored }) => {
      const ofAccount = (row: Row) => row.User === User && row.Host === Host;
      if (stored.is_role === true) return false;
      return proxies.some(ofAccount) || !hasPlainNames({ username: User, host: Host }, routines.filter(ofAccount));
    })
    .map(({ User, Host }) => ({ username: User, host: Host }));
}

function routineOf(row: Row): Scope {
  const { Routine_type, Db, Routine_name } = row;
  return { level: 'routine', kind: String(Routine_type), database: String(Db), routine: String(Routine_name) };
}

function tableOf(row: Row): { readonly database: string; readonly table: string } {
  return { database: String(row.Db), table: String(row.Table_name) };
}

function accountRights({ Host, stored }: StoredRow, grants: readonly Grant[]): AccountRights {
  return {
    host: Host,
    methods: methodsOf(stored),
    isRole: stored.is_role === true,
    tls: tlsOf(stored),
    limits: limitsOf(stored),
    lifetime: lifetimeOf(stored.password_lifetime),
    locked: stored.account_locked === true,
    defaultRole: stored.default_role ?? '',
    grants: new Map(grants.map((grant) => [scopeKey(grant.scope), grant])),
  };
}
