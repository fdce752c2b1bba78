import fc from 'fast-check';
import type { RunStatements } from './accounts.ts';
import { account } from './quoting.ts';

/** What happens to the rights of a user between two rotations. */
export interface RightsChange {
  readonly host: string;
  /** The statement, for this account. */
  readonly sql: (name: string) => string;
}

/** What a server has, on which the changes depend. */
export interface ServerTraits {
  /** Roles, dynamic privileges, partial revokes, attributes: from 8.0 on. */
  readonly modern: boolean;
}

const databases = ['app', 'app\\_%', 'app_', 'x` TO `y', "o'brien", 'größe', 'app\\_archive'];
const tables = [
  ['app', 't'],
  ['app', 'orders'],
  ['x` TO `y', 't`able'],
  ["o'brien", 'a.b'],
  ['größe', 'übersicht'],
] as const;
const columns = ['a', 'b', 'c`d', 'spältchen'];
const routines = [
  ['FUNCTION', 'app', 'f'],
  ['PROCEDURE', 'app', 'p` TO `q'],
  ['FUNCTION', 'größe', 'fünf'],
] as const;
const roles = ['r_one', 'r_two', 'r` TO `three'];
const hosts = ['%', '10.%', '192.168.0.0/255.255.0.0', "o'host"] as const;

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** Statements that make what the changes are about. */
export function objects({ modern }: ServerTraits): readonly string[] {
  const all = columns.map((column) => `${quoted(column)} INT`).join(', ');
  return [
    ...["o'brien", 'größe', 'x` TO `y'].map((name) => `CREATE DATABASE ${quoted(name)}`),
    ...tables
      .filter(([, table]) => table !== 'orders')
      .map(([database, table]) => `CREATE TABLE ${quoted(database)}.${quoted(table)} (${all})`),
    `ALTER TABLE app.orders ${columns.map((column) => `ADD ${quoted(column)} INT`).join(', ')}`,
    ...routines.map(([kind, database, name]) =>
      kind === 'FUNCTION'
        ? `CREATE FUNCTION ${quoted(database)}.${quoted(name)}() RETURNS INT RETURN 1`
        : `CREATE PROCEDURE ${quoted(database)}.${quoted(name)}() SELECT 1`,
    ),
    ...(modern ? roles.map((role) => `CREATE ROLE ${quoted(role)}`) : []),
  ];
}

/** The same objects, for a server that keeps no data. */
export const namesOfObjects: {
  readonly databases: readonly string[];
  readonly tables: typeof tables;
  readonly columns: readonly string[];
  readonly routines: typeof routines;
} = { databases: ["o'brien", 'größe', 'x` TO `y'], tables, columns, routines };

const some = (...names: readonly string[]) => fc.subarray([...names], { minLength: 1 });
const yes = fc.boolean();
const place = ([database, table]: readonly [string, string]): string => `${quoted(database)}.${quoted(table)}`;

const levels: fc.Arbitrary<{ readonly rights: readonly string[]; readonly on: string }> = fc.oneof(
  fc.record({
    rights: some('SELECT', 'INSERT', 'SUPER', 'PROCESS', 'CREATE USER', 'REPLICATION CLIENT', 'SHOW DATABASES', 'FILE'),
    on: fc.constant('*.*'),
  }),
  fc.record({
    rights: some('SELECT', 'UPDATE', 'DROP', 'LOCK TABLES', 'CREATE TEMPORARY TABLES', 'EVENT', 'CREATE ROUTINE'),
    on: fc.constantFrom(...databases).map((name) => `${quoted(name)}.*`),
  }),
  fc.record({
    rights: some('SELECT', 'INSERT', 'SHOW VIEW', 'CREATE VIEW', 'TRIGGER', 'INDEX', 'ALTER'),
    on: fc.constantFrom(...tables).map(place),
  }),
  fc.record({
    rights: fc
      .uniqueArray(fc.tuple(fc.constantFrom('SELECT', 'INSERT', 'UPDATE', 'REFERENCES'), fc.constantFrom(...columns)), {
        minLength: 1,
        maxLength: 4,
        selector: String,
      })
      .map((pairs) => pairs.map(([right, column]) => `${right} (${quoted(column)})`)),
    on: fc.constantFrom(...tables).map(place),
  }),
  fc.record({
    rights: some('EXECUTE', 'ALTER ROUTINE'),
    on: fc.constantFrom(...routines).map(([kind, database, name]) => `${kind} ${quoted(database)}.${quoted(name)}`),
  }),
);

const always: readonly fc.Arbitrary<(name: string) => string>[] = [
  fc.tuple(levels, yes).map(
    ([{ rights, on }, option]) =>
      (name: string) =>
        `GRANT ${rights.join(', ')} ON ${on} TO ${name}${option ? ' WITH GRANT OPTION' : ''}`,
  ),
  fc.tuple(levels, yes).map(
    ([{ rights, on }, option]) =>
      (name: string) =>
        `REVOKE ${(option ? [...rights, 'GRANT OPTION'] : rights).join(', ')} ON ${on} FROM ${name}`,
  ),
  fc.constant((name: string) => `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${name}`),
  fc.tuple(fc.constantFrom("'nobody'@'%'", '`some``one`@`10.%`'), yes, yes).map(
    ([who, give, option]) =>
      (name: string) =>
        give
          ? `GRANT PROXY ON ${who} TO ${name}${option ? ' WITH GRANT OPTION' : ''}`
          : `REVOKE PROXY ON ${who} FROM ${name}`,
  ),
  fc.constant((name: string) => `DROP USER ${name}`),
];

const tlsDemands = [
  'REQUIRE NONE',
  'REQUIRE SSL',
  'REQUIRE X509',
  "REQUIRE SUBJECT '/CN=o''brien \"x\"' AND CIPHER 'TLS_AES_256_GCM_SHA384'",
  "REQUIRE ISSUER '/CN=back\\slash'",
];
const limits = ['MAX_QUERIES_PER_HOUR', 'MAX_UPDATES_PER_HOUR', 'MAX_CONNECTIONS_PER_HOUR', 'MAX_USER_CONNECTIONS'];
const limit = fc
  .tuple(fc.constantFrom(...limits), fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100_000 })))
  .map(([name, value]) => `WITH ${name} ${value}`);

const old: readonly fc.Arbitrary<(name: string) => string>[] = [
  fc
    .oneof(fc.constantFrom(...tlsDemands), limit)
    .map((clause) => (name: string) => `GRANT USAGE ON *.* TO ${name} ${clause}`),
  fc.constant((name: string) => `CREATE USER ${name} IDENTIFIED BY 'first'`),
];

const json = fc.dictionary(
  fc.constantFrom('team', 'owner', "it's", 'größe'),
  fc.oneof(
    fc.constantFrom('a', 'b', "it's \\ here"),
    fc.integer({ min: 0, max: 3 }),
    fc.constant(null),
    fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom(1, null, 'z')),
  ),
);
const dynamic = some('BACKUP_ADMIN', 'CONNECTION_ADMIN', 'SESSION_VARIABLES_ADMIN', 'ROLE_ADMIN', 'SYSTEM_USER');
const role = fc.constantFrom(...roles).map(quoted);

const modern: readonly fc.Arbitrary<(name: string) => string>[] = [
  fc
    .oneof(
      fc.constantFrom(
        ...tlsDemands,
        'ACCOUNT LOCK',
        'ACCOUNT UNLOCK',
        'PASSWORD EXPIRE NEVER',
        'PASSWORD EXPIRE DEFAULT',
      ),
      fc.constantFrom(
        'PASSWORD EXPIRE INTERVAL 30 DAY',
        'PASSWORD HISTORY 4',
        'PASSWORD HISTORY DEFAULT',
        'PASSWORD REUSE INTERVAL 9 DAY',
        'PASSWORD REUSE INTERVAL DEFAULT',
        'PASSWORD REQUIRE CURRENT',
        'PASSWORD REQUIRE CURRENT OPTIONAL',
        'PASSWORD REQUIRE CURRENT DEFAULT',
        'FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 2',
        'FAILED_LOGIN_ATTEMPTS 0 PASSWORD_LOCK_TIME UNBOUNDED',
        'FAILED_LOGIN_ATTEMPTS 0 PASSWORD_LOCK_TIME 0',
        "COMMENT 'o''brien'",
      ),
      limit,
      json.map((value) => `ATTRIBUTE '${JSON.stringify(value).replaceAll("'", "''")}'`),
    )
    .map((clause) => (name: string) => `ALTER USER ${name} ${clause}`),
  fc
    .constantFrom('mysql_native_password', 'caching_sha2_password')
    .map((plugin) => (name: string) => `CREATE USER ${name} IDENTIFIED WITH ${plugin} BY 'first'`),
  fc.tuple(dynamic, yes, yes).map(
    ([names, give, option]) =>
      (name: string) =>
        give
          ? `GRANT ${names.join(', ')} ON *.* TO ${name}${option ? ' WITH GRANT OPTION' : ''}`
          : `REVOKE ${names.join(', ')} ON *.* FROM ${name}`,
  ),
  fc.tuple(role, yes, yes).map(
    ([one, give, admin]) =>
      (name: string) =>
        give ? `GRANT ${one} TO ${name}${admin ? ' WITH ADMIN OPTION' : ''}` : `REVOKE ${one} FROM ${name}`,
  ),
  fc
    .oneof(fc.constantFrom('NONE', 'ALL'), role)
    .map((roleList) => (name: string) => `ALTER USER ${name} DEFAULT ROLE ${roleList}`),
  // Partial revokes, where a global right is there to take from.
  fc.tuple(some('SELECT', 'INSERT'), fc.constantFrom('app', 'größe', 'x` TO `y'), yes).map(
    ([rights, database, restrict]) =>
      (name: string) =>
        restrict
          ? `REVOKE ${rights.join(', ')} ON ${quoted(database)}.* FROM ${name}`
          : `GRANT ${rights.join(', ')} ON *.* TO ${name}`,
  ),
];

/** One change; the account for all hosts stays, and open. */
export function rightsChanges(traits: ServerTraits): fc.Arbitrary<RightsChange> {
  const statements = fc.oneof(...always, ...(traits.modern ? modern : old));
  return fc
    .tuple(fc.constantFrom<string>('%', '%', ...hosts), statements)
    .map(([host, sql]) => ({ host, sql }))
    .filter(({ host, sql }) => host !== '%' || !/DROP USER|CREATE USER|ACCOUNT LOCK/.test(sql('')));
}

/** What a change to what is not there is answered with. */
const pointless = [1133, 1141, 1147, 1269, 1396, 1403, 1410, 3162, 3523, 3530];

/** Makes the change; one that is about what is not there does nothing. */
export async function makeChange(run: RunStatements, username: string, change: RightsChange): Promise<boolean> {
  try {
    await run(change.sql(account(username, change.host)));
    return true;
  } catch (error) {
    if (pointless.includes((error as { errno: number }).errno)) return false;
    throw error;
  }
}
