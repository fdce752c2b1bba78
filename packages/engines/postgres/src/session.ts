import { RotationError } from '@keyturn/core';
import type { PgConnection } from '@keyturn/driver-pg';
import type { Rights } from './privileges.ts';
import { statementError } from './statement-errors.ts';

/** What decides how a password is set in this session. */
export interface Session {
  /** Whether the role asked about is the one that this session logged in as. */
  readonly isOwn: boolean;
  /** password_encryption: `scram-sha-256` or `md5`. */
  readonly encryption: string;
  /** scram_iterations, from PostgreSQL 16 on. */
  readonly iterations: number | undefined;
  /** Statements that make the session fit to write, for one transaction. */
  readonly preparations: readonly string[];
  /** The role asked about, as the server names it in this session's encoding; `null` where there is none. */
  readonly role: string | null;
  readonly rights: Rights;
}

/**
 * A change that waits for a lock goes on in the server after its client has gone: it may take effect this
 * much later, in milliseconds, and no more.
 */
const longestChangeMs = 10_000;

/** Where settings of a user or a session come from, in pg_settings: they do not say that the server takes no writes. */
const ownSources = ['user', 'database user', 'client', 'session'];

/**
 * Asks in one round trip, on a server that takes writes, for all that decides how the password of `username` is set.
 * @throws RotationError `read-only-server`
 */
export async function describeSession(connection: PgConnection, username: string): Promise<Session> {
  // One row, always: a session has a role.
  const row = (await ask(connection, describeSql(username)))[0] as unknown as Row;
  if (row.recovering || (row.read_only && !(await isOwnSetting(connection)))) {
    throw new RotationError('read-only-server', {
      ...connection.where,
      message: row.recovering ? 'the server is a read replica' : 'the server is set to take no writes',
    });
  }
  return {
    isOwn: row.is_own,
    encryption: row.encryption,
    iterations: row.iterations === null ? undefined : Number(row.iterations),
    preparations: [
      // The user's own default_transaction_read_only, such as a reporting user has.
      ...(row.read_only ? ['SET TRANSACTION READ WRITE'] : []),
      // A role set at login, such as a twin's, may not alter the user behind it.
      ...(row.is_own && row.acts_as_other ? ['SET LOCAL ROLE NONE'] : []),
      // A crash of the server must not undo what the rotation was told is done.
      ...(row.synchronous_commit === 'off' ? ['SET LOCAL synchronous_commit = on'] : []),
      `SET LOCAL statement_timeout = ${longestChangeMs}`,
    ],
    role: row.role,
    rights: row,
  };
}

/** Whether it is the user, and not the server, that is set to read only. Asked only when it matters: the view is slow. */
async function isOwnSetting(connection: PgConnection): Promise<boolean> {
  const sql =
    "SELECT source FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'default_transaction_read_only'";
  const [row] = await ask(connection, sql);
  return ownSources.includes(String(row?.source));
}

function ask(connection: PgConnection, sql: string): Promise<readonly Record<string, unknown>[]> {
  return connection.run(sql).catch((error: unknown) => {
    throw statementError(error, connection.where);
  });
}

interface Row extends Rights {
  readonly is_own: boolean;
  readonly acts_as_other: boolean;
  readonly encryption: string;
  readonly iterations: string | null;
  readonly recovering: boolean;
  readonly read_only: boolean;
  readonly synchronous_commit: string;
  readonly role: string | null;
}

/**
 * Names are compared as bytes: a login sends UTF-8, whatever encoding the database has. Everything is
 * qualified, for the search path belongs to whoever set it.
 */
function describeSql(username: string): string {
  const bytes = (name: string) => `pg_catalog.convert_to(${name}::pg_catalog.text, pg_catalog.getdatabaseencoding())`;
  const asked = `pg_catalog.decode('${Buffer.from(username, 'utf8').toString('hex')}', 'hex')`;
  const equals = 'OPERATOR(pg_catalog.=)';
  return `SELECT
  ${bytes('session_user')} ${equals} ${asked} AS is_own,
  session_user OPERATOR(pg_catalog.<>) current_user AS acts_as_other,
  pg_catalog.current_setting('password_encryption') AS encryption,
  pg_catalog.current_setting('scram_iterations', true) AS iterations,
  pg_catalog.pg_is_in_recovery() AS recovering,
  pg_catalog.current_setting('transaction_read_only')::pg_catalog.bool AS read_only,
  pg_catalog.current_setting('synchronous_commit') AS synchronous_commit,
  pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS server_version,
  pg_catalog.current_setting('rds.restrict_password_commands', true) ${equals} 'on' AS needs_password_group,
  me.rolname::pg_catalog.text AS me,
  me.rolsuper AS i_am_superuser,
  me.rolcreaterole AS i_may_create_roles,
  target.rolname::pg_catalog.text AS role,
  target.rolsuper AS role_is_superuser,
  pg_catalog.pg_has_role(me.oid, target.oid, 'MEMBER WITH ADMIN OPTION') AS i_administer_role
FROM pg_catalog.pg_roles AS me
LEFT JOIN pg_catalog.pg_roles AS target ON ${bytes('target.rolname')} ${equals} ${asked}
WHERE me.rolname ${equals} current_user`;
}
