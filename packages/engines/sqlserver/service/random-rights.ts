import fc from 'fast-check';
import { hostileDatabase } from './furnish.ts';
import type { RunningSqlServer } from './running-sqlserver.ts';

/** What happens to the rights of one of two users between two rotations. */
export interface RightsChange {
  /** Undefined: on the server. */
  readonly database: string | undefined;
  /** The statement, for this user. */
  readonly sql: (name: string) => string;
  /** Whether it is done to the user that is not in use. */
  readonly toIdle: boolean;
}

/** One rotation: what happens before it, and whether the users change places after it. */
export interface RandomRotation {
  readonly changes: readonly RightsChange[];
  readonly swaps: boolean;
}

const bracket = (name: string) => `[${name.replaceAll(']', ']]')}]`;
const databases = ['app', 'archive', hostileDatabase];
const verbs = ['GRANT', 'GRANT OPTION', 'DENY', 'REVOKE'] as const;

/** A permission given, given to hand on, denied or revoked: always so that it may be done again. */
function statement(verb: (typeof verbs)[number], permission: string, on: string): (name: string) => string {
  switch (verb) {
    case 'GRANT':
      return (name) => `GRANT ${permission}${on} TO ${name}`;
    case 'GRANT OPTION':
      return (name) => `GRANT ${permission}${on} TO ${name} WITH GRANT OPTION`;
    case 'DENY':
      return (name) => `DENY ${permission}${on} TO ${name} CASCADE`;
    case 'REVOKE':
      return (name) => `REVOKE ${permission}${on} FROM ${name} CASCADE`;
  }
}

const securables: readonly (readonly [on: string, permissions: readonly string[]])[] = [
  ['', ['SELECT', 'EXECUTE', 'CREATE TABLE', 'VIEW DATABASE STATE', 'UNMASK', 'SHOWPLAN']],
  [' ON OBJECT::sales.orders', ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'VIEW DEFINITION']],
  [' ON OBJECT::sales.orders (note)', ['SELECT', 'UPDATE', 'REFERENCES']],
  [' ON OBJECT::sales.orders ([c]]ol], id)', ['SELECT', 'UPDATE']],
  [' ON OBJECT::sales.[o]]rders]', ['SELECT', 'UPDATE', 'CONTROL']],
  [' ON OBJECT::sales.[o]]rders] ([a b])', ['SELECT', 'UPDATE']],
  [' ON OBJECT::dbo.count_orders', ['EXECUTE', 'ALTER']],
  [' ON SCHEMA::sales', ['SELECT', 'EXECUTE', 'ALTER', 'CREATE SEQUENCE']],
  [' ON ROLE::[wri]]ters]', ['ALTER', 'VIEW DEFINITION']],
  [' ON TYPE::sales.money', ['EXECUTE', 'REFERENCES']],
  [' ON XML SCHEMA COLLECTION::sales.invoice', ['EXECUTE', 'REFERENCES']],
  ...(
    [
      ['ASSEMBLY', 5],
      ['MESSAGE TYPE', 15],
      ['CONTRACT', 16],
      ['SERVICE', 17],
      ['REMOTE SERVICE BINDING', 18],
      ['ROUTE', 19],
      ['FULLTEXT CATALOG', 23],
      ['SYMMETRIC KEY', 24],
      ['CERTIFICATE', 25],
      ['ASYMMETRIC KEY', 26],
      ['FULLTEXT STOPLIST', 29],
      ['SEARCH PROPERTY LIST', 31],
      ['DATABASE SCOPED CREDENTIAL', 32],
    ] as const
  ).map(([keyword, number]) => [` ON ${keyword}::[thing of class ${number}]`, ['CONTROL', 'VIEW DEFINITION']] as const),
];

const inDatabase: fc.Arbitrary<(name: string) => string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .constantFrom(...securables)
      .chain(([on, permissions]) =>
        fc
          .tuple(fc.constantFrom(...verbs), fc.constantFrom(...permissions))
          .map(([verb, permission]) => statement(verb, permission, on)),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('readers', '[wri]]ters]', 'db_datareader', 'db_ddladmin'), fc.boolean()).map(
      ([role, adds]) =>
        (name: string) =>
          `ALTER ROLE ${role} ${adds ? 'ADD' : 'DROP'} MEMBER ${name}`,
    ),
  },
  fc
    .constantFrom(
      'DEFAULT_SCHEMA = sales',
      'DEFAULT_SCHEMA = [no such]',
      'ALLOW_ENCRYPTED_VALUE_MODIFICATIONS = ON',
      'ALLOW_ENCRYPTED_VALUE_MODIFICATIONS = OFF',
    )
    .map((option) => (name: string) => `ALTER USER ${name} WITH ${option}`),
  fc.constant((name: string) => `CREATE USER ${name} FOR LOGIN ${name}`),
  fc.constant((name: string) => `DROP USER ${name}`),
);

const onServer: fc.Arbitrary<(name: string) => string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...verbs),
        fc.constantFrom(
          ['VIEW SERVER STATE', ''],
          ['CREATE ANY DATABASE', ''],
          ['CONNECT', ' ON ENDPOINT::[TSQL Default TCP]'],
          ['VIEW DEFINITION', ' ON AVAILABILITY GROUP::[orders group]'],
        ),
      )
      .map(([verb, [permission = '', on = '']]) => statement(verb, permission, on)),
  },
  fc
    .constantFrom(
      'DEFAULT_DATABASE = archive',
      'DEFAULT_DATABASE = app',
      'DEFAULT_LANGUAGE = Deutsch',
      'DEFAULT_LANGUAGE = us_english',
      'CHECK_POLICY = OFF',
      'CHECK_POLICY = ON',
      'CHECK_POLICY = ON, CHECK_EXPIRATION = ON',
    )
    .map((option) => (name: string) => `ALTER LOGIN ${name} WITH ${option}`),
  fc
    .boolean()
    .map((adds) => (name: string) => `ALTER LOGIN ${name} ${adds ? 'ADD' : 'DROP'} CREDENTIAL [backup credential]`),
  fc.tuple(fc.constantFrom('auditors', '[oper]]ators]'), fc.boolean()).map(
    ([role, adds]) =>
      (name: string) =>
        `ALTER SERVER ROLE ${role} ${adds ? 'ADD' : 'DROP'} MEMBER ${name}`,
  ),
  fc.constantFrom('ENABLE', 'DISABLE').map((state) => (name: string) => `ALTER LOGIN ${name} ${state}`),
);

const change: fc.Arbitrary<RightsChange> = fc
  .tuple(fc.option(fc.constantFrom(...databases), { nil: undefined, freq: 3 }), fc.boolean(), inDatabase, onServer)
  .map(([database, toIdle, there, here]) => ({ database, toIdle, sql: database === undefined ? here : there }));

/** Some rotations, with what happens between them. */
export const histories: fc.Arbitrary<readonly RandomRotation[]> = fc.array(
  fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 12 }), swaps: fc.boolean() }),
  { minLength: 1, maxLength: 4 },
);

/** Makes the roles that changes are about. */
export async function makeRoles(server: RunningSqlServer): Promise<void> {
  for (const role of ['auditors', '[oper]]ators]']) await server.execute(`CREATE SERVER ROLE ${role}`);
}

/** What a change to what is not there, or is there already, is answered with; a user who owns nothing can always be dropped. */
const pointless = /^Msg (?:15151|15023|15063)\b/;

/** Makes the change. @returns whether there was anything to change */
export async function makeChange(
  server: RunningSqlServer,
  username: string,
  { database, sql }: RightsChange,
): Promise<boolean> {
  try {
    await server.execute(`USE ${bracket(database ?? 'master')}; ${sql(bracket(username))}`);
    return true;
  } catch (error) {
    if (error instanceof Error && pointless.test(error.message)) return false;
    throw error;
  }
}
