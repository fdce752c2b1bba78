import fc from 'fast-check';

/** What happens to the rights of a user between two rotations: a statement for this user, its name quoted. */
type RightsChange = (user: string) => string;

/** Where the name of the user comes. */
export const userHere = '<user>';

const printable = (change: RightsChange) => change(userHere);

/** Makes what the changes are about. */
export const objects: readonly string[] = [
  'CREATE USER hr NO AUTHENTICATION',
  'CREATE USER "Mixed Case" NO AUTHENTICATION',
  'CREATE USER "o\'brien" NO AUTHENTICATION',
  'CREATE TABLE hr.staff (id, name, salary)',
  'CREATE TABLE "Mixed Case"."t able" ("a b", "select", "ü")',
  'CREATE VIEW hr.names',
  'CREATE SEQUENCE hr.ids',
  'CREATE FUNCTION hr.raise',
  'CREATE TYPE "Mixed Case"."A;B"',
  'CREATE DIRECTORY "di r"',
  'CREATE EDITION e_two',
  'CREATE ROLE r_one',
  'CREATE ROLE "r two"',
  'CREATE ROLE "CREATE SESSION"',
  'CREATE PROFILE p_one LIMIT FAILED_LOGIN_ATTEMPTS 5',
  'CREATE PROFILE "p two" LIMIT FAILED_LOGIN_ATTEMPTS UNLIMITED',
];

const system = ['CREATE TABLE', 'CREATE VIEW', 'SELECT ANY TABLE', 'UNLIMITED TABLESPACE', 'CREATE JOB'];
const roles = ['r_one', '"r two"', '"CREATE SESSION"', 'DBA', 'RESOURCE'];
const tables: readonly (readonly [name: string, columns: readonly string[]])[] = [
  ['hr.staff', ['id', 'name', 'salary']],
  ['"Mixed Case"."t able"', ['"a b"', '"select"', '"ü"']],
];
const others: readonly (readonly [name: string, privileges: readonly string[]])[] = [
  ['hr.names', ['SELECT', 'DELETE', 'READ']],
  ['hr.ids', ['SELECT', 'ALTER']],
  ['hr.raise', ['EXECUTE', 'DEBUG']],
  ['"Mixed Case"."A;B"', ['EXECUTE', 'UNDER']],
  ['DIRECTORY "di r"', ['READ', 'WRITE']],
  ['EDITION e_two', ['USE']],
  ['USER hr', ['INHERIT PRIVILEGES']],
];
const proxies = ['hr', `"o'brien"`];

const some = <T>(all: readonly T[]) => fc.subarray([...all], { minLength: 1 });
const option = (...all: readonly string[]) => fc.constantFrom('', ...all.map((each) => ` ${each}`));

function table(): fc.Arbitrary<RightsChange> {
  return fc.constantFrom(...tables).chain(([name, columns]) =>
    fc.oneof(
      fc
        .tuple(
          some(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'ON COMMIT REFRESH']),
          option('WITH GRANT OPTION'),
        )
        .map(
          ([privileges, far]): RightsChange =>
            (user) =>
              `GRANT ${privileges.join(', ')} ON ${name} TO ${user}${far}`,
        ),
      fc.constantFrom<RightsChange>(
        (user) => `GRANT SELECT ON ${name} TO ${user} WITH HIERARCHY OPTION`,
        (user) => `GRANT SELECT ON ${name} TO ${user} WITH HIERARCHY OPTION WITH GRANT OPTION`,
      ),
      fc.tuple(fc.constantFrom('INSERT', 'UPDATE', 'REFERENCES'), some(columns), option('WITH GRANT OPTION')).map(
        ([privilege, chosen, far]): RightsChange =>
          (user) =>
            `GRANT ${privilege} (${chosen.join(', ')}) ON ${name} TO ${user}${far}`,
      ),
      fc.constantFrom('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES').map(
        (privilege): RightsChange =>
          (user) =>
            `REVOKE ${privilege} ON ${name} FROM ${user}`,
      ),
    ),
  );
}

function otherObject(): fc.Arbitrary<RightsChange> {
  return fc.constantFrom(...others).chain(([name, privileges]) =>
    fc.tuple(fc.constantFrom(...privileges), fc.boolean(), option('WITH GRANT OPTION')).map(
      ([privilege, gives, far]): RightsChange =>
        (user) =>
          gives ? `GRANT ${privilege} ON ${name} TO ${user}${far}` : `REVOKE ${privilege} ON ${name} FROM ${user}`,
    ),
  );
}

const onUser =
  (clause: string): RightsChange =>
  (user) =>
    `ALTER USER ${user} ${clause}`;

/** Any of them; many do nothing, for want of what they take. */
export const rightsChanges: fc.Arbitrary<string> = fc
  .oneof(
    table(),
    otherObject(),
    fc.tuple(some(system), option('WITH ADMIN OPTION')).map(
      ([names, far]): RightsChange =>
        (user) =>
          `GRANT ${names.join(', ')} TO ${user}${far}`,
    ),
    fc.constantFrom(...system).map(
      (name): RightsChange =>
        (user) =>
          `REVOKE ${name} FROM ${user}`,
    ),
    fc.tuple(some(roles), option('WITH ADMIN OPTION', 'WITH DELEGATE OPTION')).map(
      ([names, far]): RightsChange =>
        (user) =>
          `GRANT ${names.join(', ')} TO ${user}${far}`,
    ),
    fc.constantFrom(...roles).map(
      (name): RightsChange =>
        (user) =>
          `REVOKE ${name} FROM ${user}`,
    ),
    fc.constantFrom('ALL', 'NONE', ...roles, 'ALL EXCEPT r_one').map((which) => onUser(`DEFAULT ROLE ${which}`)),
    fc
      .constantFrom('p_one', '"p two"', 'default')
      .map((name) =>
        onUser(`PROFILE "${name.replaceAll('"', '').replace('p_one', 'P_ONE').replace('default', 'DEFAULT')}"`),
      ),
    fc
      .tuple(fc.constantFrom('0', '1024', '1048576', 'UNLIMITED'), fc.constantFrom('users', 'sysaux'))
      .map(([bytes, tablespace]) => onUser(`QUOTA ${bytes} ON ${tablespace}`)),
    fc.constantFrom('users', 'sysaux').map((tablespace) => onUser(`DEFAULT TABLESPACE ${tablespace}`)),
    fc
      .tuple(
        fc.constantFrom(...proxies),
        fc.constantFrom(
          '',
          ' WITH NO ROLES',
          ' WITH ROLE r_one',
          ' WITH ROLE r_one, "r two"',
          ' WITH ROLE ALL EXCEPT r_one',
        ),
        option('AUTHENTICATION REQUIRED'),
      )
      .map(([proxy, which, proof]) => onUser(`GRANT CONNECT THROUGH ${proxy}${which}${proof}`)),
    fc.constantFrom(...proxies).map((proxy) => onUser(`REVOKE CONNECT THROUGH ${proxy}`)),
    fc.tuple(fc.constantFrom(...proxies), fc.boolean()).map(
      ([client, gives]): RightsChange =>
        (user) =>
          `ALTER USER ${client} ${gives ? 'GRANT' : 'REVOKE'} CONNECT THROUGH ${user}`,
    ),
  )
  .map(printable);

/** Of 23ai: privileges of any, in one schema. */
export const schemaChanges: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('SELECT ANY TABLE', 'EXECUTE ANY PROCEDURE'),
    fc.constantFrom('hr', '"Mixed Case"'),
    fc.boolean(),
    option('WITH ADMIN OPTION'),
  )
  .map(
    ([privilege, schema, gives, far]): RightsChange =>
      (user) =>
        gives
          ? `GRANT ${privilege} ON SCHEMA ${schema} TO ${user}${far}`
          : `REVOKE ${privilege} ON SCHEMA ${schema} FROM ${user}`,
  )
  .map(printable);
