import { RotationError } from '@keyturn/core';
import type { Row, SqlServerConnection } from './connection.ts';
import { text } from './quoting.ts';

/** Whose password it is: a login of the server, or a user that one database contains and authenticates. */
export type AccountKind = 'login' | 'contained user';

/** A user with a password, by the name that the server has for it. */
export interface Account {
  readonly kind: AccountKind;
  readonly name: string;
}

/** {@link Account}, with what the master must know before it sets the password. */
export interface OtherAccount extends Account {
  readonly locked: boolean;
}

/** `sys.database_principals.authentication_type`: the database itself authenticates this user. */
export const authenticatedByDatabase = 2;

/**
 * Who this session is. Not the names decide: a login and a contained user may have the same.
 * @throws RotationError `read-only-server` if the session's database takes no writes
 */
export async function ownAccount(connection: SqlServerConnection): Promise<Account> {
  const [session = [], user = []] = await connection.query(
    [
      'SELECT ORIGINAL_LOGIN() AS name, ',
      "CONVERT(nvarchar(60), DATABASEPROPERTYEX(DB_NAME(), N'Updateability')) AS updateability; ",
      'SELECT name, authentication_type AS authentication FROM sys.database_principals ',
      'WHERE principal_id = DATABASE_PRINCIPAL_ID()',
    ].join(''),
  );
  refuseReadOnly(connection, session[0]);
  const contained = user[0]?.authentication === authenticatedByDatabase;
  return contained
    ? { kind: 'contained user', name: String(user[0]?.name) }
    : { kind: 'login', name: String(session[0]?.name) };
}

/**
 * The account of this name, as the master sees it: first a user that the master's database contains, which is
 * whom the server would ask first, then a login.
 * @throws RotationError `missing-privilege` if the master cannot see logins; `invalid-secret` if there is none
 */
export async function otherAccount(connection: SqlServerConnection, username: string): Promise<OtherAccount> {
  const name = text(username);
  const [session = [], users = [], logins = []] = await connection.query(
    [
      "SELECT HAS_PERMS_BY_NAME(NULL, NULL, N'ALTER ANY LOGIN') AS administers, DB_NAME() AS [database], ",
      "CONVERT(nvarchar(60), DATABASEPROPERTYEX(DB_NAME(), N'Updateability')) AS updateability; ",
      'SELECT name FROM sys.database_principals ',
      `WHERE name = ${name} AND type = N'S' AND authentication_type = ${authenticatedByDatabase}; `,
      "SELECT name, CONVERT(int, LOGINPROPERTY(name, N'IsLocked')) AS locked FROM sys.server_principals ",
      `WHERE name = ${name} AND type = N'S'`,
    ].join(''),
  );
  const [user] = users;
  if (user !== undefined) {
    refuseReadOnly(connection, session[0]);
    return { kind: 'contained user', name: String(user.name), locked: false };
  }
  const [login] = logins;
  if (login !== undefined) return { kind: 'login', name: String(login.name), locked: login.locked === 1 };
  if (session[0]?.administers !== 1) throw missingLoginRight(connection);
  throw new RotationError('invalid-secret', {
    message: `the server knows no login of this name, and the database ${JSON.stringify(session[0]?.database)} contains no such user`,
    endpoint: connection.where.endpoint,
    user: username,
    remedy: 'Check username in the secret. For a contained user, put its database into dbname of the master secret.',
  });
}

/** The error for a master that may not change logins. */
function missingLoginRight(connection: SqlServerConnection): RotationError {
  const { endpoint, user } = connection.where;
  return new RotationError('missing-privilege', {
    message: 'the master may not change logins: it lacks ALTER ANY LOGIN',
    endpoint,
    user,
    remedy: 'Run as an administrator, for the login of the master: GRANT ALTER ANY LOGIN TO …',
  });
}

/** A replica would change the login for itself alone, and a user not at all. */
function refuseReadOnly({ where }: SqlServerConnection, session: Row | undefined): void {
  if (session?.updateability !== 'READ_ONLY') return;
  throw new RotationError('read-only-server', {
    message: 'the database of this login takes no writes',
    endpoint: where.endpoint,
    user: where.user,
    remedy:
      'Put the listener of the availability group, or the writer endpoint, into host. If the database is meant to be read-only, put another one, such as master, into dbname.',
  });
}
