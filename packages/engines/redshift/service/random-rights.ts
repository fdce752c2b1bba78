import fc from 'fast-check';
import pg from 'pg';

/** Names that together hold what has fooled quoting before. */
const hard = {
  schema: `a "b"; '--`,
  table: `Mixed Case's`,
  column: 'c\\d',
  group: 'g"1',
  role: `r's`,
  share: 'sh\\are',
};
const q = pg.escapeIdentifier;

/** Statements in Redshift's grammar that make what rights are on. Identifiers keep their case. */
export const things: readonly string[] = [
  'SET enable_case_sensitive_identifier TO true',
  `CREATE SCHEMA ${q(hard.schema)}`,
  'CREATE SCHEMA plain',
  `CREATE TABLE ${q(hard.schema)}.${q(hard.table)} (${q(hard.column)} int, b int)`,
  'CREATE TABLE plain.orders (a int, b int)',
  'CREATE VIEW plain.due AS SELECT a FROM plain.orders',
  `CREATE GROUP ${q(hard.group)}`,
  'CREATE GROUP plain_group',
  `CREATE ROLE ${q(hard.role)}`,
  'CREATE ROLE plain_role',
  'CREATE USER maker PASSWORD DISABLE',
  `CREATE DATASHARE ${q(hard.share)}`,
];

/** The same of PostgreSQL's. */
export const routines: readonly string[] = [
  `CREATE FUNCTION plain.f(a int, b varchar) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  `CREATE FUNCTION plain.f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  `CREATE PROCEDURE ${q(hard.schema)}.p(a int) LANGUAGE plpgsql AS 'BEGIN NULL; END'`,
  'REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA plain FROM PUBLIC',
];

const relations = [`${q(hard.schema)}.${q(hard.table)}`, 'plain.orders', 'plain.due'];
const onTables = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'DROP', 'REFERENCES', 'ALTER', 'TRUNCATE'];
const targets: readonly (readonly [string, readonly string[]])[] = [
  ...relations.map((relation) => [`TABLE ${relation}`, onTables] as const),
  [`SCHEMA ${q(hard.schema)}`, ['CREATE', 'USAGE', 'ALTER']],
  ['SCHEMA plain', ['CREATE', 'USAGE']],
  ['DATABASE dev', ['CREATE', 'TEMP', 'USAGE']],
  ['FUNCTION plain.f(int, varchar)', ['EXECUTE']],
  ['FUNCTION plain.f(int)', ['EXECUTE']],
  [`PROCEDURE ${q(hard.schema)}.p(int)`, ['EXECUTE']],
  ['LANGUAGE plpgsql', ['USAGE']],
  [`DATASHARE ${q(hard.share)}`, ['ALTER', 'SHARE']],
];
const scopes: readonly (readonly [string, readonly string[]])[] = [
  [`TABLES IN SCHEMA ${q(hard.schema)}`, ['SELECT', 'DROP']],
  ['TABLES IN DATABASE dev', ['SELECT', 'INSERT']],
  ['FUNCTIONS IN DATABASE dev', ['EXECUTE']],
  ['SCHEMAS IN DATABASE dev', ['USAGE']],
];

/** A change, as a statement about a user. */
export interface Change {
  /** Whether it is made to the user in use, or behind its back to the other one. */
  readonly of: 'current' | 'next';
  readonly sql: (user: string) => string;
}

const granting = (what: string, on: 'ON' | 'FOR', privilege: string) =>
  fc.constantFrom(
    (user: string) => `GRANT ${privilege} ${on} ${what} TO ${user}`,
    (user: string) => `GRANT ${privilege} ${on} ${what} TO ${user} WITH GRANT OPTION`,
    (user: string) => `REVOKE ${privilege} ${on} ${what} FROM ${user}`,
    (user: string) => `REVOKE GRANT OPTION FOR ${privilege} ${on} ${what} FROM ${user}`,
  );

const onTarget = fc
  .constantFrom(...targets)
  .chain(([what, privileges]) => fc.constantFrom(...privileges).chain((privilege) => granting(what, 'ON', privilege)));

const onScope = fc
  .constantFrom(...scopes)
  .chain(([what, privileges]) => fc.constantFrom(...privileges).chain((privilege) => granting(what, 'FOR', privilege)));

const onColumns = fc
  .tuple(
    fc.constantFrom('SELECT', 'UPDATE'),
    fc.constantFrom(`(${q(hard.column)}) ON ${relations[0]}`, '(b) ON plain.orders', '(a) ON plain.orders'),
    fc.boolean(),
  )
  .map(
    ([privilege, what, gives]) =>
      (user: string) =>
        `${gives ? 'GRANT' : 'REVOKE'} ${privilege} ${what} ${gives ? 'TO' : 'FROM'} ${user}`,
  );

const memberships = fc.oneof(
  fc.tuple(fc.constantFrom(q(hard.group), 'plain_group'), fc.constantFrom('ADD', 'DROP')).map(
    ([group, verb]) =>
      (user: string) =>
        `ALTER GROUP ${group} ${verb} USER ${user}`,
  ),
  fc.constantFrom(q(hard.role), 'plain_role', 'sys:monitor').chain((role) =>
    fc.constantFrom(
      (user: string) => `GRANT ROLE ${role} TO ${user}`,
      (user: string) => `GRANT ROLE ${role} TO ${user} WITH ADMIN OPTION`,
      (user: string) => `REVOKE ROLE ${role} FROM ${user}`,
      (user: string) => `REVOKE ADMIN OPTION FOR ROLE ${role} FROM ${user}`,
    ),
  ),
);

const attributes = fc
  .constantFrom(
    'CREATEDB',
    'NOCREATEDB',
    'CONNECTION LIMIT 3',
    'CONNECTION LIMIT UNLIMITED',
    'SESSION TIMEOUT 60',
    'RESET SESSION TIMEOUT',
    'SYSLOG ACCESS UNRESTRICTED',
    'SYSLOG ACCESS RESTRICTED',
    "VALID UNTIL '2099-01-02 03:04:05'",
    "VALID UNTIL 'infinity'",
    `SET search_path TO 'a "b"; ''--', public`,
    'SET search_path TO plain',
    'RESET search_path',
    "SET query_group TO 'a ''b'' \\\\'",
    'RESET query_group',
    'SET statement_timeout TO 5000',
    'RESET statement_timeout',
    'CREATEUSER',
    'NOCREATEUSER',
  )
  .map((option) => (user: string) => `ALTER USER ${user} ${option}`);

const defaults = fc
  .tuple(
    fc.constantFrom('', ' IN SCHEMA plain', ` IN SCHEMA ${q(hard.schema)}`),
    fc.constantFrom('maker', 'GROUP plain_group', `ROLE ${q(hard.role)}`),
    fc.constantFrom('SELECT', 'INSERT'),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([where, party, privilege, isOwner, gives]) => (user: string) => {
    const [owner, grantee] = isOwner ? [user, party] : ['maker', user];
    const change = gives ? `GRANT ${privilege} ON TABLES TO` : `REVOKE ${privilege} ON TABLES FROM`;
    return `ALTER DEFAULT PRIVILEGES FOR USER ${owner}${where} ${change} ${grantee}`;
  });

const publicDefaults = fc
  .constantFrom('GRANT EXECUTE ON FUNCTIONS TO', 'REVOKE EXECUTE ON FUNCTIONS FROM')
  .map((change) => (user: string) => `ALTER DEFAULT PRIVILEGES FOR USER ${user} ${change} PUBLIC`);

const change: fc.Arbitrary<Change> = fc.record({
  of: fc.constantFrom('current', 'current', 'next'),
  sql: fc.oneof(
    { weight: 5, arbitrary: onTarget },
    { weight: 1, arbitrary: onScope },
    { weight: 2, arbitrary: onColumns },
    { weight: 2, arbitrary: memberships },
    { weight: 2, arbitrary: attributes },
    { weight: 1, arbitrary: defaults },
    { weight: 1, arbitrary: publicDefaults },
  ),
});

/** What happens between one rotation and the next. */
export const changes: fc.Arbitrary<readonly Change[]> = fc.array(change, { minLength: 1, maxLength: 12 });
