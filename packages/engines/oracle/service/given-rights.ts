import { oracleNumber, type RunSql } from './given-session.ts';
import { secretName } from './secret-name.ts';

/** What a view tells of a user: in which column he is, and which others say what he may do. */
const views: readonly (readonly [view: string, user: string, columns: readonly string[]])[] = [
  [
    'dba_users',
    'username',
    ['profile', 'default_tablespace', 'temporary_tablespace', 'local_temp_tablespace', 'editions_enabled'],
  ],
  ['dba_sys_privs', 'grantee', ['privilege', 'admin_option']],
  ['dba_role_privs', 'grantee', ['granted_role', 'admin_option', 'delegate_option', 'default_role']],
  ['dba_tab_privs', 'grantee', ['privilege', 'type', 'owner', 'table_name', 'grantable', 'hierarchy']],
  ['dba_col_privs', 'grantee', ['privilege', 'owner', 'table_name', 'column_name', 'grantable']],
  ['dba_schema_privs', 'grantee', ['privilege', 'schema', 'admin_option']],
  ['dba_ts_quotas', 'username', ['tablespace_name', 'max_bytes']],
  ['dba_proxies', 'client', ['proxy', 'authentication', 'authorization_constraint', 'role']],
  ['dba_proxies', 'proxy', ['client', 'authentication', 'authorization_constraint', 'role']],
  ['dba_rsrc_consumer_group_privs', 'grantee', ['granted_group', 'grant_option']],
  ['dba_objects', 'owner', ['object_type', 'object_name']],
];

/** What the dictionary says that the user may do, by queries that are not the engine's. */
export async function rightsOf(run: RunSql, username: string): Promise<readonly string[]> {
  const name = secretName(username);
  const lines: string[] = [];
  for (const [view, user, columns] of views) {
    const query = `SELECT ${columns.join(', ')} FROM sys.${view} WHERE ${user} = '${name.replaceAll("'", "''")}'`;
    for (const row of await rowsOf(run, query)) {
      lines.push(`${view} ${user} ${columns.map((column) => String(row[column.toUpperCase()])).join(', ')}`);
    }
  }
  // The same right from two grantors is one right.
  return [...new Set(lines)].toSorted();
}

/** Privileges in schemas there are from 23ai on. */
async function rowsOf(run: RunSql, query: string): Promise<Record<string, unknown>[]> {
  try {
    return await run(query);
  } catch (error) {
    if (oracleNumber(error) === 942 && query.includes('dba_schema_privs')) return [];
    throw error;
  }
}

/** Makes what {@link furnish} gives rights in: a role, and a locked user with a sequence, both of this name's beginning. */
export async function makeFurnishings(run: RunSql, mark: string, password: string): Promise<void> {
  await run(`CREATE ROLE ${mark}_role`);
  await run(`CREATE USER ${mark}_owner IDENTIFIED BY "${password}" ACCOUNT LOCK`);
  await run(`CREATE SEQUENCE ${mark}_owner.ids`);
}

/** Rights of several kinds; every other time, others. */
export async function furnish(run: RunSql, mark: string, username: string): Promise<void> {
  const name = secretName(username);
  const user = `"${name}"`;
  const privileges = await run(
    `SELECT privilege FROM sys.dba_sys_privs WHERE grantee = '${name.replaceAll("'", "''")}'`,
  );
  const has = (privilege: string) => privileges.some(({ PRIVILEGE }) => PRIVILEGE === privilege);
  const again = has('CREATE TABLE')
    ? [
        `REVOKE CREATE TABLE FROM ${user}`,
        `GRANT CREATE VIEW TO ${user}`,
        `GRANT ${mark}_role TO ${user} WITH ADMIN OPTION`,
        `ALTER USER ${user} DEFAULT ROLE NONE`,
        `REVOKE SELECT ON ${mark}_owner.ids FROM ${user}`,
        `GRANT ALTER ON ${mark}_owner.ids TO ${user}`,
      ]
    : [
        ...(has('CREATE VIEW')
          ? [
              `REVOKE CREATE VIEW FROM ${user}`,
              `REVOKE ${mark}_role FROM ${user}`,
              `REVOKE ALTER ON ${mark}_owner.ids FROM ${user}`,
            ]
          : []),
        `GRANT CREATE TABLE TO ${user} WITH ADMIN OPTION`,
        `GRANT ${mark}_role TO ${user}`,
        `ALTER USER ${user} DEFAULT ROLE ALL`,
        `GRANT SELECT ON ${mark}_owner.ids TO ${user} WITH GRANT OPTION`,
      ];
  for (const statement of again) await run(statement);
}
