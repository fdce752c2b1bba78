import type { TwinPair } from '@keyturn/core';
import { text } from '../quoting.ts';

/** Bytes as text that JavaScript and the engine's own statements have for them: `0x…`. */
export function hexOf(expression: string): string {
  return `CONVERT(nvarchar(200), ${expression}, 1)`;
}

/** Asks, as the first of several SELECTs, who the master is, what it may do, and for the two users' principals. */
export function principalsSql({ current, next, base }: TwinPair): string {
  const names = [...new Set([current, next, base])].map(text).join(', ');
  const may = (permission: string) => `HAS_PERMS_BY_NAME(NULL, NULL, N'${permission}')`;
  return [
    `SELECT ORIGINAL_LOGIN() AS name, DB_NAME() AS [database], ${may('ALTER ANY LOGIN')} AS altersLogins,`,
    ` ${may('ALTER ANY SERVER ROLE')} AS altersRoles, ${may('VIEW ANY DEFINITION')} AS seesAll,`,
    " HAS_PERMS_BY_NAME(N'msdb.dbo.sysjobs', N'OBJECT', N'SELECT') AS seesJobs,",
    " CONVERT(nvarchar(60), DATABASEPROPERTYEX(DB_NAME(), N'Updateability')) AS updateability;\n",
    `SELECT u.name, u.type, u.authentication_type AS authentication, ${hexOf('u.sid')} AS sid`,
    ` FROM sys.database_principals AS u WHERE u.name IN (${names});\n`,
    `SELECT p.principal_id AS id, p.name, p.type, ${hexOf('p.sid')} AS sid, p.is_disabled AS disabled,`,
    ' p.default_database_name AS [database], p.default_language_name AS language,',
    ' l.is_policy_checked AS policy, l.is_expiration_checked AS expiration',
    ` FROM sys.server_principals AS p LEFT JOIN sys.sql_logins AS l ON l.principal_id = p.principal_id WHERE p.name IN (${names});\n`,
    'SELECT d.name, d.state_desc AS state, d.is_read_only AS readOnly, HAS_DBACCESS(d.name) AS access,',
    ` ${hexOf('d.owner_sid')} AS owner FROM sys.databases AS d`,
  ].join('');
}

/** Asks for everything on the server that these logins, by id, are and may do, and own. */
export function serverRightsSql(ids: readonly number[]): readonly string[] {
  const list = ids.join(', ');
  return [
    'SELECT m.member_principal_id AS holder, r.name FROM sys.server_role_members AS m' +
      ' JOIN sys.server_principals AS r ON r.principal_id = m.role_principal_id' +
      ` WHERE m.member_principal_id IN (${list})`,
    'SELECT p.grantee_principal_id AS holder, p.class, p.major_id AS major, p.permission_name AS name, p.state,' +
      ' g.name AS grantor, g.principal_id AS grantorId, s.name AS principal, s.type AS kind,' +
      ' e.name AS endpoint, ag.name AS availability FROM sys.server_permissions AS p' +
      ' JOIN sys.server_principals AS g ON g.principal_id = p.grantor_principal_id' +
      ' LEFT JOIN sys.server_principals AS s ON p.class = 101 AND s.principal_id = p.major_id' +
      ' LEFT JOIN sys.endpoints AS e ON p.class = 105 AND e.endpoint_id = p.major_id' +
      ' LEFT JOIN sys.availability_replicas AS ar ON p.class = 108 AND ar.replica_metadata_id = p.major_id' +
      ' LEFT JOIN sys.availability_groups AS ag ON ag.group_id = ar.group_id' +
      ` WHERE p.grantee_principal_id IN (${list})`,
    'SELECT p.grantor_principal_id AS holder, p.class, p.major_id AS major, p.permission_name AS name, g.name AS grantee' +
      ' FROM sys.server_permissions AS p JOIN sys.server_principals AS g ON g.principal_id = p.grantee_principal_id' +
      ` WHERE p.grantor_principal_id IN (${list})`,
    'SELECT c.principal_id AS holder, k.name FROM sys.server_principal_credentials AS c' +
      ` JOIN sys.credentials AS k ON k.credential_id = c.credential_id WHERE c.principal_id IN (${list})`,
    "SELECT r.owning_principal_id AS holder, r.name, N'SERVER ROLE' AS keyword FROM sys.server_principals AS r" +
      ` WHERE r.type = N'R' AND r.owning_principal_id IN (${list})`,
    "SELECT e.principal_id AS holder, e.name, N'ENDPOINT' AS keyword FROM sys.endpoints AS e" +
      ` WHERE e.principal_id IN (${list})`,
  ];
}

/** Asks for the jobs of the Agent that belong to these SIDs. */
export function jobsSql(sids: readonly string[]): string {
  return `SELECT j.name, ${hexOf('j.owner_sid')} AS owner FROM msdb.dbo.sysjobs AS j WHERE j.owner_sid IN (${sids.join(', ')})`;
}
