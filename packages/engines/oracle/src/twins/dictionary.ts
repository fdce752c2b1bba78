import { hasCode, RotationError } from '@keyturn/core';
import type { OracleConnection, Row } from '../connection.ts';
import { identifier, stringLiteral } from '../quoting.ts';
import { privileges, triggerName } from './shared-schema.ts';

/** One part of the reading: columns of a view, in rows of one width, each with its kind first. */
interface Part {
  readonly kind: string;
  readonly view: string;
  readonly columns: readonly string[];
  /** With `?` where the names of the users come. */
  readonly where: string;
  /** From this release on. */
  readonly since?: number;
}

const most = 21;

const parts: readonly Part[] = [
  {
    kind: 'user',
    view: 'dba_users',
    columns: [
      'username',
      'authentication_type',
      'external_name',
      "NVL2(last_login, 'YES', 'NO')",
      'oracle_maintained',
      'common',
    ],
    where: 'username IN (?)',
  },
  {
    kind: 'settings',
    view: 'dba_users',
    columns: [
      'username',
      'profile',
      'default_tablespace',
      'temporary_tablespace',
      'local_temp_tablespace',
      'editions_enabled',
    ],
    where: 'username IN (?)',
  },
  { kind: 'is-role', view: 'dba_roles', columns: ['role'], where: 'role IN (?)' },
  { kind: 'system', view: 'dba_sys_privs', columns: ['grantee', 'privilege', 'admin_option'], where: 'grantee IN (?)' },
  {
    kind: 'schema',
    view: 'dba_schema_privs',
    columns: ['grantee', 'privilege', 'schema', 'admin_option'],
    where: 'grantee IN (?)',
    since: 23,
  },
  {
    kind: 'role',
    view: 'dba_role_privs',
    columns: ['grantee', 'granted_role', 'admin_option', 'delegate_option', 'default_role'],
    where: 'grantee IN (?)',
  },
  {
    kind: 'object',
    view: 'dba_tab_privs',
    columns: ['grantee', 'owner', 'table_name', 'type', 'privilege', 'grantable', 'hierarchy', 'grantor'],
    where: "grantee IN (?) AND type <> 'CONSUMER GROUP'",
  },
  {
    kind: 'column',
    view: 'dba_col_privs',
    columns: ['grantee', 'owner', 'table_name', 'column_name', 'privilege', 'grantable', 'grantor'],
    where: 'grantee IN (?)',
  },
  {
    kind: 'quota',
    view: 'dba_ts_quotas',
    columns: ['username', 'tablespace_name', 'TO_CHAR(max_bytes)'],
    where: 'username IN (?)',
  },
  {
    kind: 'client-of',
    view: 'dba_proxies',
    columns: ['client', 'proxy', 'authentication', 'authorization_constraint', 'role'],
    where: 'client IN (?)',
  },
  {
    kind: 'proxy-of',
    view: 'dba_proxies',
    columns: ['proxy', 'client', 'authentication', 'authorization_constraint', 'role'],
    where: 'proxy IN (?)',
  },
  {
    kind: 'consumer-group',
    view: 'dba_rsrc_consumer_group_privs',
    columns: ['grantee', 'granted_group', 'grant_option'],
    where: 'grantee IN (?)',
  },
];

const width = 8;

const types = [...privileges.keys()];

/** Two users that share the schema of one of them. */
export interface SharedNames {
  readonly base: string;
  readonly twin: string;
}

/** Rows of the dictionary by their kind: the columns of that kind's part. */
export type Reading = ReadonlyMap<string, readonly Row[]>;

/**
 * Reads all that the dictionary has of these users, in one statement: what it says holds at one moment.
 * @throws RotationError `missing-privilege`, naming the views that the master does not see
 */
export async function readDictionary(
  connection: OracleConnection,
  names: readonly string[],
  shared: SharedNames | undefined,
): Promise<Reading> {
  const chosen = parts.filter(({ since = 0 }) => connection.release >= since);
  const binds: string[] = [];
  const placeholder = (name: string) => `:${binds.push(name)}`;
  const queries = chosen.map(({ kind, view, columns, where }) => {
    const list = where.replace('?', () => names.map(placeholder).join(', '));
    return `SELECT ${padded(kind, columns)} FROM sys.${view} WHERE ${list}`;
  });
  const objects = (kind: string, name: string, where: string) =>
    `SELECT ${padded(kind, ['owner', 'object_type', 'object_name'])} FROM sys.dba_objects WHERE owner = ${placeholder(name)} AND ${where}`;
  const owned = names.map((name) => {
    if (name === shared?.base)
      return objects('shared', name, `object_type IN (${types.map(stringLiteral).join(', ')})`);
    const others = name === shared?.twin ? `object_name <> '${triggerName}' AND ` : '';
    return objects('owned', name, `${others}ROWNUM <= ${most}`);
  });
  const trigger =
    shared && objects('trigger', shared.twin, `object_type = 'TRIGGER' AND object_name = '${triggerName}'`);
  const sql = [...queries, ...owned, ...(trigger === undefined ? [] : [trigger])].join(' UNION ALL ');
  const rows = await naming(connection, () => connection.query(sql, binds), chosen);
  return byKind(rows);
}

function padded(kind: string, columns: readonly string[]): string {
  const missing = Array.from({ length: width - columns.length }, () => 'NULL');
  return [`'${kind}'`, ...columns, ...missing].join(', ');
}

function byKind(rows: readonly Row[]): Reading {
  const found = new Map<string, Row[]>();
  for (const [kind, ...columns] of rows) {
    const known = found.get(kind ?? '') ?? [];
    known.push(columns);
    found.set(kind ?? '', known);
  }
  return found;
}

async function naming<T>(connection: OracleConnection, read: () => Promise<T>, chosen: readonly Part[]): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!hasCode(error, 'missing-privilege')) throw error;
    const hidden: string[] = [];
    for (const view of new Set([...chosen.map((part) => part.view), 'dba_objects'])) {
      if (!(await isVisible(connection, view))) hidden.push(`SYS.${view.toUpperCase()}`);
    }
    const [[master] = []] = await connection.query('SELECT USER FROM sys.dual');
    const { endpoint, user } = connection.where;
    throw new RotationError('missing-privilege', {
      message: `the master may not read ${hidden.join(', ')}`,
      endpoint,
      user,
      driverCode: error.driverCode,
      remedy: `Run as an administrator: GRANT SELECT_CATALOG_ROLE TO ${identifier(master ?? '')}; Nothing has been changed.`,
    });
  }
}

async function isVisible(connection: OracleConnection, view: string): Promise<boolean> {
  try {
    await connection.query(`SELECT 1 FROM sys.${view} WHERE ROWNUM <= 1`);
    return true;
  } catch (error) {
    if (hasCode(error, 'missing-privilege')) return false;
    throw error;
  }
}
