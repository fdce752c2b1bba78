import fc from 'fast-check';
import pg from 'pg';
import type { Master } from './test-twins.ts';

const quote = pg.escapeIdentifier;

/** The roles and the schema of one history; nobody else uses them. */
export interface World {
  readonly base: string;
  readonly twin: string;
  readonly owner: string;
  readonly groups: readonly [string, string];
  readonly schema: string;
  /** Who grants memberships. From 16 on a CREATEROLE administrator cannot revoke what a superuser has granted. */
  readonly granter: string;
}

/** Hostile on purpose: what is in the catalogue is not the engine's to choose. */
export function worldOf(number: number, granter: string): World {
  return {
    base: `app"${number}`,
    twin: `app"${number}_clone`,
    owner: `owner $1 ${number}`,
    groups: [`group';-- ${number}`, `group\\ ü ${number}`],
    schema: `sch"e ma$$${number}`,
    granter,
  };
}

/** What a history has at its beginning. The master administers the owner and the groups. */
export function makeWorld(world: World, administrator: string): string {
  const schema = quote(world.schema);
  const roles = [world.owner, ...world.groups];
  return [
    ...roles.map((role) => `CREATE ROLE ${quote(role)}`),
    ...roles.map((role) => `GRANT ${quote(role)} TO ${quote(administrator)} WITH ADMIN OPTION`),
    // From 16 on, whoever creates a role gets the ADMIN OPTION on it.
    `SET ROLE ${quote(administrator)}`,
    `CREATE ROLE ${quote(world.base)} LOGIN`,
    'RESET ROLE',
    `CREATE SCHEMA ${schema} AUTHORIZATION ${quote(world.owner)}`,
    `GRANT CREATE, USAGE ON SCHEMA ${schema} TO ${quote(world.base)}`,
    `SET ROLE ${quote(world.owner)}`,
    `CREATE TABLE ${schema}."t a" (a int, "b ""c" int)`,
    `ALTER TABLE ${schema}."t a" ENABLE ROW LEVEL SECURITY`,
    `CREATE VIEW ${schema}.v AS SELECT 1 AS a`,
    `CREATE SEQUENCE ${schema}."s'"`,
    `CREATE TYPE ${schema}."mo od" AS ENUM ('x')`,
    `CREATE FUNCTION ${schema}.f(a ${schema}."mo od", b text[]) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    'RESET ROLE',
  ].join('; ');
}

/** Takes away all of it. One role at a time: DROP OWNED of several stumbles over default privileges that name two of them. */
export function dropWorld(world: World): string {
  const roles = [world.twin, world.base, world.owner, ...world.groups].map(quote);
  return [
    `DROP SCHEMA ${quote(world.schema)} CASCADE`,
    ...roles.map((role) => `DROP OWNED BY ${role} CASCADE`),
    `DROP ROLE ${roles.join(', ')}`,
  ].join('; ');
}

/** One thing that somebody does to the two users between rotations. */
export interface Change {
  readonly what: string;
  /** Whether it needs a twin that is there. */
  readonly ofTwin: boolean;
  /** A user may try what it may not do: then nothing has happened. */
  readonly mayFail?: boolean;
  readonly sql: (world: World, number: number) => string;
  /** What a counterexample shows of it. */
  readonly [fc.toStringMethod]: () => string;
}

function change(told: Omit<Change, typeof fc.toStringMethod>): Change {
  return { ...told, [fc.toStringMethod]: () => told.what };
}

const objects: readonly [on: (schema: string) => string, privileges: readonly string[]][] = [
  [
    (schema) => `TABLE ${schema}."t a"`,
    ['SELECT', 'INSERT', 'UPDATE', 'TRUNCATE', 'SELECT (a)', 'UPDATE ("b ""c", a)'],
  ],
  [(schema) => `TABLE ${schema}.v`, ['SELECT', 'TRIGGER']],
  [(schema) => `SEQUENCE ${schema}."s'"`, ['USAGE', 'SELECT', 'UPDATE']],
  [(schema) => `TYPE ${schema}."mo od"`, ['USAGE']],
  [(schema) => `FUNCTION ${schema}.f`, ['EXECUTE']],
  [(schema) => `SCHEMA ${schema}`, ['USAGE', 'CREATE']],
];

const settings: readonly [name: string, values: readonly string[]][] = [
  ['search_path', ["'$user', 'public'", `'a, b', 'c"d'`, "''", '"$user", pg_catalog']],
  ['work_mem', ["'4MB'", "'8192kB'"]],
  ['application_name', ["'it''s\n \\ E''quoted'''", "'ünï 🔑'"]],
  ['DateStyle', ["'ISO, MDY'", "'SQL, DMY'"]],
  ['statement_timeout', ['0', "'1h'"]],
];

const who = fc.constantFrom<'base' | 'twin'>('base', 'twin');

const grants: fc.Arbitrary<Change> = fc
  .record({
    who,
    object: fc
      .constantFrom(...objects)
      .chain(([on, names]) => fc.constantFrom(...names.map((name) => [on, name] as const))),
    verb: fc.constantFrom('GRANT', 'GRANT', 'GRANT OPTION', 'REVOKE', 'REVOKE OPTION'),
  })
  .map(({ who, object: [on, privilege], verb }) =>
    change({
      what: `${verb} ${privilege} ON ${on('…')} ${who}`,
      ofTwin: who === 'twin',
      // Where the base may not open the schema, its rights there cannot be moved, nor functions given to it.
      sql: (world) => {
        if (who === 'base' && verb === 'REVOKE' && on('') === 'SCHEMA ') return 'SELECT';
        const head = verb.startsWith('GRANT') ? 'GRANT' : verb === 'REVOKE' ? 'REVOKE' : 'REVOKE GRANT OPTION FOR';
        const tail = verb.startsWith('GRANT') ? 'TO' : 'FROM';
        const end = verb === 'GRANT' ? '' : verb === 'GRANT OPTION' ? ' WITH GRANT OPTION' : ' CASCADE';
        return `${head} ${privilege} ON ${on(quote(world.schema))} ${tail} ${quote(world[who])}${end}`;
      },
    }),
  );

/** A user gets a right with the grant option, and hands it on. */
const handedOn: fc.Arbitrary<Change> = fc
  .record({
    who,
    to: fc.constantFrom<'group' | 'base' | 'PUBLIC'>('group', 'base', 'PUBLIC'),
    object: fc
      .constantFrom(...objects)
      .chain(([on, names]) => fc.constantFrom(...names.map((name) => [on, name] as const))),
  })
  .map(({ who, to, object: [on, privilege] }) =>
    change({
      what: `${who} hands ${privilege} ON ${on('…')} on to ${to}`,
      ofTwin: who === 'twin',
      mayFail: true,
      sql: (world) => {
        const grantee = to === 'PUBLIC' ? to : quote(to === 'group' ? world.groups[0] : world.base);
        const right = `${privilege} ON ${on(quote(world.schema))}`;
        const got = `GRANT ${right} TO ${quote(world[who])} WITH GRANT OPTION`;
        return `${got}; SET ROLE ${quote(world[who])}; GRANT ${right} TO ${grantee}; RESET ROLE`;
      },
    }),
  );

const memberships: fc.Arbitrary<Change> = fc
  .record({ who, group: fc.constantFrom(0, 1), verb: fc.constantFrom('GRANT', 'GRANT ADMIN', 'REVOKE') })
  .map(({ who, group, verb }) =>
    change({
      what: `${verb} group ${group} ${who}`,
      ofTwin: who === 'twin',
      sql: (world, number) => {
        const [role, member] = [quote(world.groups[group === 0 ? 0 : 1]), quote(world[who])];
        const cascade = number >= 160_000 ? ' CASCADE' : '';
        const sql =
          verb === 'REVOKE'
            ? `REVOKE ${role} FROM ${member}${cascade}`
            : `GRANT ${role} TO ${member}${verb === 'GRANT' ? '' : ' WITH ADMIN OPTION'}`;
        return `SET ROLE ${quote(world.granter)}; ${sql}; RESET ROLE`;
      },
    }),
  );

const settingChanges: fc.Arbitrary<Change> = fc
  .record({
    who,
    setting: fc
      .constantFrom(...settings)
      .chain(([name, values]) => fc.constantFrom(...values.map((value) => [name, value] as const))),
    place: fc.constantFrom('', ' IN DATABASE app', ' IN DATABASE postgres'),
    reset: fc.boolean(),
  })
  .map(({ who, setting: [name, value], place, reset }) =>
    change({
      what: `${who}${place} ${reset ? `RESET ${name}` : `SET ${name} = ${value}`}`,
      ofTwin: who === 'twin',
      sql: (world) => `ALTER ROLE ${quote(world[who])}${place} ${reset ? `RESET ${name}` : `SET ${name} = ${value}`}`,
    }),
  );

/** A CREATEROLE administrator may give these on every version. */
const attributes = [
  'CREATEROLE',
  'NOCREATEROLE',
  'INHERIT',
  'NOINHERIT',
  'CONNECTION LIMIT 3',
  'CONNECTION LIMIT -1',
  "VALID UNTIL '2097-01-02 03:04:05.678901-07'",
  "VALID UNTIL 'infinity'",
];
/** A superuser may. */
const highAttributes = [
  'SUPERUSER',
  'NOSUPERUSER',
  'CREATEDB',
  'NOCREATEDB',
  'BYPASSRLS',
  'NOBYPASSRLS',
  'REPLICATION',
  'NOREPLICATION',
];

const attributeChanges = (names: readonly string[]): fc.Arbitrary<Change> =>
  fc.record({ who, attribute: fc.constantFrom(...names) }).map(({ who, attribute }) =>
    change({
      what: `${who} ${attribute}`,
      ofTwin: who === 'twin',
      sql: (world) => `ALTER ROLE ${quote(world[who])} ${attribute}`,
    }),
  );

/** Objects made, policies, and default privileges of each of the three and for each of them. */
const others: fc.Arbitrary<Change> = fc
  .record({
    who,
    kind: fc.constantFrom(
      'table',
      'function',
      'policy',
      'defaults',
      'global defaults',
      'no defaults',
      "owner's defaults",
    ),
    number: fc.nat(99_999),
  })
  .map(({ who, kind, number }) =>
    change({
      what: `${kind} ${number} ${who}`,
      ofTwin: who === 'twin',
      mayFail: kind === 'table' || kind === 'function',
      sql: (world) => {
        const [user, schema, group] = [quote(world[who]), quote(world.schema), quote(world.groups[1])];
        const defaults = `ALTER DEFAULT PRIVILEGES FOR ROLE ${user}`;
        switch (kind) {
          case 'table':
            return `SET ROLE ${user}; CREATE TABLE ${schema}."made ${number}" (a int); GRANT SELECT ON ${schema}."made ${number}" TO ${group}; RESET ROLE`;
          case 'function':
            return `SET ROLE ${user}; CREATE FUNCTION ${schema}."made ${number}"() RETURNS int LANGUAGE sql AS 'SELECT 1'; RESET ROLE`;
          case 'policy':
            return `CREATE POLICY "p ${number}" ON ${schema}."t a" TO ${user}, ${group}`;
          case 'defaults':
            return `${defaults} IN SCHEMA ${schema} GRANT SELECT, DELETE ON TABLES TO ${group} WITH GRANT OPTION`;
          case 'global defaults':
            return `${defaults} REVOKE EXECUTE ON ROUTINES FROM PUBLIC; ${defaults} GRANT USAGE ON SCHEMAS TO ${group}`;
          case 'no defaults':
            return `${defaults} GRANT EXECUTE ON ROUTINES TO PUBLIC; ${defaults} REVOKE SELECT ON SEQUENCES FROM ${user}`;
          default:
            return `ALTER DEFAULT PRIVILEGES FOR ROLE ${quote(world.owner)} GRANT INSERT ON TABLES TO ${user}`;
        }
      },
    }),
  );

/** What happens between two rotations. */
function changesFor(master: Master): fc.Arbitrary<readonly Change[]> {
  const all = [grants, grants, handedOn, memberships, settingChanges, attributeChanges(attributes), others];
  const mine = master === 'superuser' ? [...all, attributeChanges(highAttributes)] : all;
  return fc.array(fc.oneof(...mine), { maxLength: 7 });
}

/** A master, and for each rotation what changed before it, and whether the twin is the current user by then. */
export const histories: fc.Arbitrary<{
  readonly master: Master;
  readonly rotations: readonly { readonly changes: readonly Change[]; readonly twinIsCurrent: boolean }[];
}> = fc.constantFrom<Master>('superuser', 'administrator').chain((master) =>
  fc.record({
    master: fc.constant(master),
    rotations: fc.array(fc.record({ changes: changesFor(master), twinIsCurrent: fc.boolean() }), {
      minLength: 2,
      maxLength: 4,
    }),
  }),
);
