/** Runs a batch as the administrator. */
export type Run = (statement: string) => Promise<Record<string, unknown>[]>;

/** A name as an identifier in brackets. */
export function bracket(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** Text as a constant; a name that logins can have holds no backslash, which a constant could lose. */
export function text(value: string): string {
  return `N'${value.replaceAll("'", "''")}'`;
}

/**
 * Rights that every server has, on the server and in one database; every other time, others. What belongs to the
 * whole server can be granted in master alone (error 4621).
 */
export async function furnish(run: Run, database: string, username: string, round: number): Promise<void> {
  const name = bracket(username);
  const even = round % 2 === 0;
  const onServer = [
    `ALTER LOGIN ${name} WITH DEFAULT_DATABASE = ${even ? bracket(database) : '[tempdb]'}`,
    even ? `GRANT VIEW SERVER STATE TO ${name}` : `REVOKE VIEW SERVER STATE FROM ${name}`,
    even ? `DENY CREATE ANY DATABASE TO ${name}` : `REVOKE CREATE ANY DATABASE FROM ${name}`,
    ...(round === 0 ? [] : [`ALTER SERVER ROLE dbcreator ${even ? 'DROP' : 'ADD'} MEMBER ${name}`]),
  ];
  const inDatabase = [
    `ALTER USER ${name} WITH DEFAULT_SCHEMA = ${even ? '[guest]' : '[dbo]'}`,
    `ALTER ROLE db_datareader ${even ? 'ADD' : 'DROP'} MEMBER ${name}`,
    ...(round === 0 ? [] : [`ALTER ROLE db_denydatawriter ${even ? 'DROP' : 'ADD'} MEMBER ${name}`]),
    even ? `GRANT VIEW DEFINITION TO ${name} WITH GRANT OPTION` : `REVOKE VIEW DEFINITION FROM ${name} CASCADE`,
    even ? `GRANT SELECT ON SCHEMA::dbo TO ${name}` : `DENY SELECT ON SCHEMA::dbo TO ${name}`,
    `${even ? 'DENY' : 'GRANT'} CREATE TABLE TO ${name}`,
  ];
  await run(`USE [master]; ${onServer.join('; ')}`);
  await run(`USE ${bracket(database)}; ${inDatabase.join('; ')}`);
}

/** What the catalogue says of a login, on the server and in this database. */
export async function rightsOf(run: Run, database: string, username: string): Promise<readonly string[]> {
  const name = text(username);
  const at = `${bracket(database)}.sys`;
  const questions = [
    [
      'login',
      'SELECT p.default_database_name, p.default_language_name, p.is_disabled, l.is_policy_checked,' +
        ' l.is_expiration_checked FROM sys.server_principals AS p' +
        ` JOIN sys.sql_logins AS l ON l.principal_id = p.principal_id WHERE p.name = ${name}`,
    ],
    [
      'server role',
      'SELECT r.name FROM sys.server_role_members AS m' +
        ' JOIN sys.server_principals AS r ON r.principal_id = m.role_principal_id' +
        ` JOIN sys.server_principals AS u ON u.principal_id = m.member_principal_id WHERE u.name = ${name}`,
    ],
    [
      'on the server',
      'SELECT p.class, p.major_id, p.permission_name, p.state FROM sys.server_permissions AS p' +
        ` JOIN sys.server_principals AS u ON u.principal_id = p.grantee_principal_id WHERE u.name = ${name}`,
    ],
    [
      'user',
      'SELECT u.default_schema_name, u.allow_encrypted_value_modifications' +
        ` FROM ${at}.database_principals AS u WHERE u.name = ${name}`,
    ],
    [
      'role',
      `SELECT r.name FROM ${at}.database_role_members AS m` +
        ` JOIN ${at}.database_principals AS r ON r.principal_id = m.role_principal_id` +
        ` JOIN ${at}.database_principals AS u ON u.principal_id = m.member_principal_id WHERE u.name = ${name}`,
    ],
    [
      'in the database',
      `SELECT p.class, p.major_id, p.minor_id, p.permission_name, p.state FROM ${at}.database_permissions AS p` +
        ` JOIN ${at}.database_principals AS u ON u.principal_id = p.grantee_principal_id WHERE u.name = ${name}`,
    ],
  ] as const;
  const lines: string[] = [];
  for (const [what, statement] of questions) {
    for (const row of await run(statement)) lines.push(`${what} ${JSON.stringify(Object.values(row))}`);
  }
  return lines.sort();
}
