import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningSqlServer } from '../running-sqlserver.ts';
import { startSqlServer } from '../sqlserver-double.ts';
import { openDriver, runOn } from '../test-login.ts';

/** Statements that a SQL Server refuses, with the number of the error. */
const asAdministrator: readonly (readonly [sql: string, number: number])[] = [
  ['SELEKT 1', 102],
  ['SELECT', 102],
  ['SELECT 1 FROM', 102],
  ['SELECT name FROM sys.databases WHERE', 102],
  ["ALTER LOGIN sa WITH PASSWORD = N'unclosed", 105],
  ['ALTER LOGIN [sa WITH PASSWORD = 1', 105],
  ['/* never ended SELECT 1 AS one', 113],
  [`USE [${'n'.repeat(129)}]`, 103],
  ['CREATE LOGIN x', 102],
  ["CREATE LOGIN x WITH PASSWORD = N'Aa1-password' SID = 0x01", 102],
  ["CREATE LOGIN x WITH SID = 0x01, PASSWORD = N'Aa1-password'", 15419],
  ["CREATE LOGIN select WITH PASSWORD = N'Aa1-password'", 156],
  ['CREATE LOGIN x WITH PASSWORD = @p', 102],
  ["ALTER LOGIN strict WITH PASSWORD = N'Aa1-' + N'password'", 102],
  ["ALTER LOGIN strict WITH PASSWORD = N'Aa1-password', OLD_PASSWORD = N'x'", 102],
  ['ALTER LOGIN strict ADD MEMBER sa', 102],
  ['ALTER ROLE readers ADD strict', 102],
  ['GRANT SELECT ON SCHEMA:sales TO strict', 102],
  ['USE app; GRANT FLY ON SCHEMA::sales TO strict', 102],
  ['GRANT SELECT ON SCHEMA::sales', 102],
  ['GRANT SELECT TO strict WITH OPTION', 156],
  ['REVOKE SELECT ON SCHEMA::sales', 102],
  ['SELECT nme FROM sys.databases', 207],
  ['SELECT d.nme FROM sys.databases AS d', 207],
  ['SELECT x.name FROM sys.databases AS d', 4104],
  ['SELECT name FROM sys.databases AS a JOIN sys.databases AS b ON a.database_id = b.database_id', 209],
  ['SELECT name FROM sys.databasez', 208],
  ['SELECT name FROM databases', 208],
  ['SELECT name FROM [no such].sys.schemas', 208],
  ['SELECT HAS_PERM(1, 2, 3) AS may', 195],
  ['SELECT DB_NAME(1, 2) AS name', 174],
  ["SELECT name FROM sys.server_principals WHERE sid = N'0x01'", 257],
  ["SELECT name FROM sys.databases WHERE database_id = N'one'", 245],
  ['USE nowhere', 911],
  ['SET NO_SUCH_OPTION ON', 195],
  ['COMMIT TRANSACTION', 3902],
  ['ROLLBACK TRANSACTION', 3903],
  ["CREATE LOGIN strict WITH PASSWORD = N'Aa1-password'", 15025],
  ["CREATE LOGIN x WITH PASSWORD = N'short1A'", 15116],
  ["CREATE LOGIN x WITH PASSWORD = N'alllowercase'", 15118],
  [`CREATE LOGIN x WITH PASSWORD = N'${'Aa1'.repeat(43)}'`, 15117],
  ["CREATE LOGIN x WITH PASSWORD = N'Aa1-password', DEFAULT_DATABASE = nowhere", 15010],
  ["CREATE LOGIN x WITH PASSWORD = N'Aa1-password', DEFAULT_LANGUAGE = Klingon", 15033],
  ["CREATE LOGIN x WITH PASSWORD = N'Aa1-password', CHECK_POLICY = OFF, CHECK_EXPIRATION = ON", 15122],
  ["CREATE LOGIN x WITH PASSWORD = N'Aa1-password', SID = 0x01", 15419],
  ["ALTER LOGIN nobody WITH PASSWORD = N'Aa1-password'", 15151],
  ["ALTER LOGIN strict WITH PASSWORD = N'Aa1-password' OLD_PASSWORD = N'wrong'", 15151],
  ['ALTER LOGIN strict ADD CREDENTIAL nothing', 15151],
  ['ALTER SERVER ROLE nothing ADD MEMBER strict', 15151],
  ['ALTER SERVER ROLE sysadmin ADD MEMBER nobody', 15151],
  ['USE app; CREATE USER strict FOR LOGIN strict', 15023],
  ['USE app; CREATE USER x FOR LOGIN nobody', 15007],
  ['USE app; CREATE USER x FOR LOGIN strict', 15063],
  ["USE app; CREATE USER x WITH PASSWORD = N'Aa1-password'", 33233],
  ['USE app; ALTER USER strict WITH DEFAULT_LANGUAGE = Deutsch', 33234],
  ["USE app; ALTER USER strict WITH PASSWORD = N'Aa1-password'", 15151],
  ['USE app; ALTER USER nobody WITH DEFAULT_SCHEMA = dbo', 15151],
  ['USE app; ALTER ROLE nothing ADD MEMBER strict', 15151],
  ['USE app; ALTER ROLE readers ADD MEMBER nobody', 15151],
  ['USE app; ALTER ROLE readers ADD MEMBER dbo', 15405],
  ['USE app; GRANT SELECT ON OBJECT::sales.nothing TO strict', 15151],
  ['USE app; GRANT SELECT ON OBJECT::nothing.orders TO strict', 15151],
  ['USE app; GRANT SELECT ON OBJECT::sales.orders (nothing) TO strict', 1911],
  ['USE app; GRANT SELECT ON OBJECT::sales.orders TO nobody', 15151],
  ['USE app; GRANT SELECT ON OBJECT::sales.orders TO dbo', 4624],
  ['USE app; GRANT CONTROL ON ROLE::strict TO readers', 15151],
  ['USE app; GRANT VIEW SERVER STATE TO strict', 4621],
  ['GRANT VIEW SERVER STATE TO sa', 4624],
  ['GRANT VIEW SERVER STATE TO nobody', 15151],
  ['USE app; REVOKE UPDATE ON OBJECT::sales.orders FROM strict', 4611],
  ['USE app; DENY UPDATE ON OBJECT::sales.orders TO strict', 4611],
  ['USE app; DROP USER nobody', 15151],
  ['DROP LOGIN sysadmin', 15151],
];

/** The same of a user who has no rights. */
const asNobody: readonly (readonly [sql: string, number: number])[] = [
  ["ALTER LOGIN strict WITH PASSWORD = N'Aa1-password'", 15151],
  ["ALTER LOGIN sa WITH PASSWORD = N'Aa1-password'", 15151],
  ["ALTER LOGIN plain WITH PASSWORD = N'Aa1-password'", 15151],
  ["ALTER LOGIN plain WITH PASSWORD = N'Aa1-password' OLD_PASSWORD = N'wrong'", 15151],
  ['ALTER LOGIN plain WITH CHECK_POLICY = OFF', 15151],
  ['ALTER LOGIN strict DISABLE', 15151],
  ["CREATE LOGIN x WITH PASSWORD = N'Aa1-password'", 15247],
  ['CREATE SERVER ROLE x', 15247],
  ['DROP LOGIN strict', 15151],
  ['ALTER SERVER ROLE sysadmin ADD MEMBER plain', 15151],
  ['USE archive', 916],
  ['SELECT name FROM [archive].sys.schemas', 916],
  ['SELECT j.name FROM msdb.dbo.sysjobs AS j', 229],
  ['CREATE USER x WITHOUT LOGIN', 15247],
  ['CREATE ROLE x', 15247],
  ['ALTER USER strict WITH DEFAULT_SCHEMA = dbo', 15151],
  ['ALTER ROLE db_owner ADD MEMBER plain', 15151],
  ['ALTER ROLE readers ADD MEMBER plain', 15151],
  ['GRANT SELECT ON OBJECT::sales.orders TO strict', 4613],
  ['USE master; GRANT VIEW SERVER STATE TO strict', 4613],
  ['DROP USER strict', 15151],
];

describe('the double of SQL Server', () => {
  let server: RunningSqlServer;
  beforeAll(async () => {
    server = await startSqlServer();
    await server.createUser('strict', 'Strict-password-1');
    await server.createUser('plain', 'Plain-password-1');
    await server.execute('USE app; GRANT UPDATE ON OBJECT::sales.orders TO strict WITH GRANT OPTION');
  });
  afterAll(() => server?.stop());

  async function numberOf(sql: string, user: string, password: string): Promise<number | undefined> {
    const connection = await openDriver(server, user, password, { database: user === 'sa' ? 'master' : 'app' });
    try {
      await runOn(connection, sql);
      return undefined;
    } catch (error) {
      return (error as { number?: number }).number;
    } finally {
      connection.close();
    }
  }

  test.each(asAdministrator)('refuses %j with %i', async (sql, number) => {
    expect(await numberOf(sql, 'sa', server.superuser.password)).toBe(number);
  });

  test.each(asNobody)('refuses %j, from a user without rights, with %i', async (sql, number) => {
    expect(await numberOf(sql, 'plain', 'Plain-password-1')).toBe(number);
  });

  test('control: statements that are right are taken, as a batch and through sp_executesql', async () => {
    const connection = await openDriver(server, 'sa', server.superuser.password, { database: 'app' });
    try {
      for (const way of ['execSqlBatch', 'execSql'] as const) {
        expect(await runOn(connection, "SELECT DB_NAME() AS name, N'it''s' AS text, 1 AS one", way)).toEqual([
          ['app', "it's", 1],
        ]);
        await runOn(connection, 'GRANT SELECT, UPDATE ON OBJECT::sales.orders (id) TO strict', way);
        await runOn(connection, 'REVOKE UPDATE ON OBJECT::sales.orders FROM strict CASCADE', way);
      }
    } finally {
      connection.close();
    }
  });

  test('whoever sees nothing of the others sees himself, and what everybody sees', async () => {
    const connection = await openDriver(server, 'plain', 'Plain-password-1');
    try {
      const logins = await runOn(connection, "SELECT name FROM sys.server_principals WHERE type = N'S'");
      expect(logins).toEqual([['sa'], ['plain']]);
      const granted = await runOn(connection, 'SELECT permission_name FROM sys.database_permissions');
      expect(granted).toEqual([['CONNECT']]);
      expect(await runOn(connection, "SELECT name FROM sys.all_objects WHERE name = N'orders'")).toEqual([]);
      const hashes = await runOn(
        connection,
        "SELECT CONVERT(nvarchar(400), password_hash, 1) AS hash FROM sys.sql_logins WHERE name = N'plain'",
      );
      expect(hashes).toEqual([[null]]);
    } finally {
      connection.close();
    }
  });

  test('a transaction is all or nothing, also over databases, and nobody sees it before its end', async () => {
    const connection = await openDriver(server, 'sa', server.superuser.password, { database: 'app' });
    try {
      const before = await server.rightsOf('plain');
      await runOn(connection, 'SET XACT_ABORT ON; BEGIN TRANSACTION; ALTER ROLE readers ADD MEMBER plain');
      await runOn(connection, 'USE master; GRANT VIEW SERVER STATE TO plain');
      expect(await server.rightsOf('plain')).toEqual(before);
      await expect(runOn(connection, 'ALTER SERVER ROLE nothing ADD MEMBER plain')).rejects.toThrow();
      expect(await server.rightsOf('plain')).toEqual(before);
      await expect(runOn(connection, 'COMMIT TRANSACTION')).rejects.toMatchObject({ number: 3902 });
    } finally {
      connection.close();
    }
  });

  test('a client that goes away in a transaction leaves nothing behind, and the next one has its turn', async () => {
    const connection = await openDriver(server, 'sa', server.superuser.password, { database: 'app' });
    const before = await server.rightsOf('plain');
    await runOn(connection, 'BEGIN TRANSACTION; ALTER ROLE readers ADD MEMBER plain');
    connection.close();
    await server.execute('USE app; ALTER ROLE readers ADD MEMBER strict');
    expect(await server.rightsOf('plain')).toEqual(before);
  });
});
