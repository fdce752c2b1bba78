import fc from 'fast-check';
import type { Connection } from 'mysql2/promise';
import { account } from './accounts.ts';

/** What happens to the rights of a user between two rotations. */
export interface RightsChange {
  readonly host: string;
  /** The statement, for this account. */
  readonly sql: (name: string) => string;
  /** Packages are known in the sql_mode ORACLE only. */
  readonly oracleMode?: boolean;
}

const databases = ['app', 'app\\_%', 'app_', 'x` TO `y', "o'brien", 'größe', 'app\\_archive'];
const tables = ['app.t', 'app.orders', '`x`` TO ``y`.`t``able`', "`o'brien`.`a.b`", '`größe`.`übersicht`'];
const columns = ['a', 'b', '`c``d`', '`spältchen`'];
const roles = ['r_one', 'r_two', '`r`` TO ``three`'];
const hosts = ['%', '10.%', '192.168.0.0/255.255.0.0', "o'host"] as const;

/** Makes what the changes are about. */
export const objects: readonly string[] = [
  'CREATE TABLE app.t (a INT, b INT, `c``d` INT, spältchen INT)',
  'ALTER TABLE app.orders ADD (a INT, b INT, `c``d` INT, spältchen INT)',
  'CREATE DATABASE `x`` TO ``y`',
  'CREATE TABLE `x`` TO ``y`.`t``able` (a INT, b INT, `c``d` INT, spältchen INT)',
  "CREATE DATABASE `o'brien`",
  "CREATE TABLE `o'brien`.`a.b` (a INT, b INT, `c``d` INT, spältchen INT)",
  'CREATE DATABASE `größe`',
  'CREATE TABLE `größe`.`übersicht` (a INT, b INT, `c``d` INT, spältchen INT)',
  'CREATE FUNCTION `größe`.`fünf`() RETURNS INT RETURN 5',
  'CREATE FUNCTION app.f() RETURNS INT RETURN 1',
  'CREATE PROCEDURE app.`p`` TO ``q`() SELECT 1',
  ...roles.map((role) => `CREATE ROLE ${role}`),
];
export const oracleObjects: readonly string[] = [
  'CREATE PACKAGE app.pk AS FUNCTION x RETURN INT; END',
  'CREATE PACKAGE BODY app.pk AS FUNCTION x RETURN INT AS BEGIN RETURN 1; END; END',
];

const quotedName = (name: string) => `\`${name.replaceAll('`', '``')}\``;
const some = (...names: readonly string[]) => fc.subarray([...names], { minLength: 1 });
const yes = fc.boolean();

const objectLevels: fc.Arbitrary<{ rights: readonly string[]; on: string; oracleMode?: boolean }> = fc.oneof(
  fc.record({
    rights: some(
      'SELECT',
      'INSERT',
      'SUPER',
      'PROCESS',
      'CREATE USER',
      'REPLICATION CLIENT',
      'READ_ONLY ADMIN',
      'FILE',
    ),
    on: fc.constant('*.*'),
  }),
  fc.record({
    rights: some('SELECT', 'UPDATE', 'DROP', 'LOCK TABLES', 'CREATE TEMPORARY TABLES', 'EVENT', 'DELETE HISTORY'),
    on: fc.constantFrom(...databases).map((name) => `${quotedName(name)}.*`),
  }),
  fc.record({
    rights: some('SELECT', 'INSERT', 'SHOW VIEW', 'CREATE VIEW', 'TRIGGER', 'DELETE HISTORY', 'ALTER'),
    on: fc.constantFrom(...tables),
  }),
  fc.record({
    rights: fc
      .uniqueArray(fc.tuple(fc.constantFrom('SELECT', 'INSERT', 'UPDATE', 'REFERENCES'), fc.constantFrom(...columns)), {
        minLength: 1,
        maxLength: 4,
        selector: String,
      })
      .map((pairs) => pairs.map(([right, column]) => `${right} (${column})`)),
    on: fc.constantFrom(...tables),
  }),
  fc.record({
    rights: some('EXECUTE', 'ALTER ROUTINE'),
    on: fc.constantFrom('FUNCTION app.f', 'PROCEDURE app.`p`` TO ``q`', 'FUNCTION `größe`.`fünf`'),
  }),
  fc.record({
    rights: some('EXECUTE', 'ALTER ROUTINE'),
    on: fc.constantFrom('PACKAGE app.pk', 'PACKAGE BODY app.pk'),
    oracleMode: fc.constant(true),
  }),
);

const statements: fc.Arbitrary<Omit<RightsChange, 'host'>> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(objectLevels, yes).map(([{ rights, on, oracleMode = false }, option]) => ({
      // A column cannot be passed on apart from its table.
      sql: (name: string) => `GRANT ${rights.join(', ')} ON ${on} TO ${name}${option ? ' WITH GRANT OPTION' : ''}`,
      oracleMode,
    })),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(objectLevels, yes).map(([{ rights, on, oracleMode = false }, option]) => ({
      sql: (name: string) =>
        `REVOKE ${(option ? [...rights, 'GRANT OPTION'] : rights).join(', ')} ON ${on} FROM ${name}`,
      oracleMode,
    })),
  },
  fc.constant({ sql: (name: string) => `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${name}` }),
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...roles), yes).map(([role, admin]) => ({
      sql: (name: string) => `GRANT ${role} TO ${name}${admin ? ' WITH ADMIN OPTION' : ''}`,
    })),
  },
  fc.tuple(fc.constantFrom(...roles), yes).map(([role, admin]) => ({
    sql: (name: string) => `REVOKE ${admin ? 'ADMIN OPTION FOR ' : ''}${role} FROM ${name}`,
  })),
  {
    weight: 2,
    arbitrary: fc.constantFrom('NONE', ...roles).map((role) => ({
      sql: (name: string) => `SET DEFAULT ROLE ${role} FOR ${name}`,
    })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("'nobody'@'%'", '``@`%`', '`some``one`@`10.%`'), yes, yes)
      .map(([who, give, option]) => ({
        sql: (name: string) =>
          give
            ? `GRANT PROXY ON ${who} TO ${name}${option ? ' WITH GRANT OPTION' : ''}`
            : `REVOKE PROXY ON ${who} FROM ${name}`,
      })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        'REQUIRE NONE',
        'REQUIRE SSL',
        'REQUIRE X509',
        "REQUIRE SUBJECT '/CN=o''brien \"x\"' AND CIPHER 'TLS_AES_256_GCM_SHA384'",
        "REQUIRE ISSUER '/CN=back\\\\slash'",
      )
      .map((clause) => ({ sql: (name: string) => `ALTER USER ${name} ${clause}` })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        limit: fc.constantFrom(
          'MAX_QUERIES_PER_HOUR',
          'MAX_UPDATES_PER_HOUR',
          'MAX_CONNECTIONS_PER_HOUR',
          'MAX_USER_CONNECTIONS',
          'MAX_STATEMENT_TIME',
        ),
        value: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100_000 })),
        fraction: fc.integer({ min: 0, max: 999_999 }),
      })
      .map(({ limit, value, fraction }) => ({
        sql: (name: string) =>
          `ALTER USER ${name} WITH ${limit} ${value}${limit === 'MAX_STATEMENT_TIME' ? `.${String(fraction).padStart(6, '0')}` : ''}`,
      })),
  },
  fc
    .constantFrom(
      'PASSWORD EXPIRE NEVER',
      'PASSWORD EXPIRE DEFAULT',
      'PASSWORD EXPIRE INTERVAL 30 DAY',
      'ACCOUNT LOCK',
      'ACCOUNT UNLOCK',
    )
    .map((clause) => ({ sql: (name: string) => `ALTER USER ${name} ${clause}` })),
  fc.constant({ sql: (name: string) => `CREATE USER ${name} IDENTIFIED BY 'first'` }),
  fc.constant({ sql: (name: string) => `DROP USER ${name}` }),
);

/** One change; the account for all hosts stays, and open. */
export const rightsChanges: fc.Arbitrary<RightsChange> = fc
  .tuple(fc.constantFrom<string>('%', '%', ...hosts), statements)
  .map(([host, statement]) => ({ host, ...statement }))
  .filter(({ host, sql }) => host !== '%' || !/DROP USER|ACCOUNT LOCK/.test(sql('')));

/** What a change to what is not there is answered with. */
const pointless = [1141, 1147, 1403, 1396, 1959, 1962, 1133, 1269, 1410];

/** Makes the change; one that is about what is not there does nothing. */
export async function makeChange(superuser: Connection, username: string, change: RightsChange): Promise<boolean> {
  const oracle = change.oracleMode === true;
  if (oracle) await superuser.query("SET SESSION sql_mode = 'ORACLE,NO_AUTO_CREATE_USER'");
  try {
    await superuser.query(change.sql(account(username, change.host)));
    return true;
  } catch (error) {
    if (pointless.includes((error as { errno: number }).errno)) return false;
    throw error;
  } finally {
    if (oracle) await superuser.query("SET SESSION sql_mode = 'NO_AUTO_CREATE_USER'");
  }
}
