import { recordOutput, recordSecret } from '@keyturn/engine-conformance';
import { services, startPostgres } from '@keyturn/service-postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningPostgres } from '../../service/running-postgres.ts';
import { asMaster, givePassword, masters, pairOf, runAs } from '../../service/test-twins.ts';

/** Kinds of objects: how one is made, used, altered and dropped. */
const kinds = [
  ['TABLE', '(a int)', 'SELECT a FROM', 'ADD COLUMN IF NOT EXISTS b int'],
  ['SEQUENCE', '', "SELECT nextval('", 'INCREMENT BY 2'],
  ['TYPE', "AS ENUM ('one')", "SELECT 'one'::", "ADD VALUE IF NOT EXISTS 'two'"],
] as const;

const made = (name: string) => [
  `CREATE SCHEMA ${name}`,
  ...kinds.map(([kind, body]) => `CREATE ${kind} ${name}.a_${kind} ${body}`),
  `INSERT INTO ${name}.a_table VALUES (1)`,
  `CREATE FUNCTION ${name}.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  // In a schema that others own, too.
  `CREATE TABLE ${name}_in_public (a int)`,
];
const used = (name: string) => [
  ...kinds.map(
    ([kind, , use]) => `${use}${use.endsWith(' FROM') ? ' ' : ''}${name}.a_${kind}${use.endsWith("'") ? "')" : ''}`,
  ),
  `SELECT ${name}.f()`,
  `SELECT a FROM ${name}_in_public`,
  ...kinds.map(([kind, , , change]) => `ALTER ${kind} ${name}.a_${kind} ${change}`),
  `ALTER FUNCTION ${name}.f() COST 7`,
  `ALTER SCHEMA ${name} RENAME TO ${name}_moved`,
  `ALTER SCHEMA ${name}_moved RENAME TO ${name}`,
  `ALTER TABLE ${name}_in_public ADD COLUMN IF NOT EXISTS b int`,
];
const dropped = (name: string) => [
  `DROP FUNCTION ${name}.f()`,
  ...kinds.map(([kind]) => `DROP ${kind} ${name}.a_${kind}`),
  `DROP SCHEMA ${name}`,
  `DROP TABLE ${name}_in_public`,
];

describe.each(services)('PostgreSQL $version', ({ version }) => {
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterAll(() => server?.stop());

  test.each(masters)(
    'what either user makes, the other one reads, alters and drops; four rotations by the %s',
    async (master) => {
      const base = `app_${master}`;
      const twin = `${base}_clone`;
      const passwords = new Map([[base, 'taint-owner-0']]);
      await server.createUser(base, 'taint-owner-0');
      recordSecret('taint-owner-0');
      await server.execute(`GRANT CREATE ON DATABASE app TO ${base}; GRANT CREATE ON SCHEMA public TO ${base}`);
      await runAs(server, base, 'taint-owner-0', ...made(`${master}_before`));
      let current = base;
      for (let rotation = 1; rotation <= 4; rotation += 1) {
        const pair = pairOf(base, { current });
        const next = pair.next;
        const password = `taint-owner-${rotation}`;
        recordSecret(password);
        const report = await asMaster(server, master, (twins, connection) => twins.cloneUser(connection, pair));
        expect(report.created).toBe(rotation === 1);
        await givePassword(server, master, next, password);
        passwords.set(next, password);
        const things = `${master}_${rotation}`;
        await runAs(server, next, password, ...made(things));
        await runAs(server, current, passwords.get(current) ?? '', ...used(things));
        // And what was there before: the new user, too.
        await runAs(server, next, password, ...used(`${master}_before`));
        expect(
          await asMaster(server, master, (twins, connection) => twins.comparePrivileges(connection, pair)),
        ).toEqual([]);
        current = next;
      }
      const [one, other] = [base, twin].map((user) => [user, passwords.get(user) ?? ''] as const);
      for (const rotation of [1, 2, 3, 4]) {
        const [user, password] = (rotation % 2 === 1 ? one : other) ?? ['', ''];
        await runAs(server, user, password, ...dropped(`${master}_${rotation}`));
      }
      await runAs(server, twin, passwords.get(twin) ?? '', ...dropped(`${master}_before`));
      recordOutput(server.log());
    },
  );

  test('control: without the setting that makes the twin act as the base, the base cannot even read it', async () => {
    await server.createUser('lone', 'taint-owner-lone');
    await server.execute('GRANT CREATE ON DATABASE app TO lone');
    await asMaster(server, 'administrator', (twins, connection) => twins.cloneUser(connection, pairOf('lone')));
    await server.execute('ALTER ROLE lone_clone RESET role');
    await givePassword(server, 'administrator', 'lone_clone', 'taint-owner-lone-clone');
    await runAs(server, 'lone_clone', 'taint-owner-lone-clone', 'CREATE SCHEMA lost', 'CREATE TABLE lost.t (a int)');
    const read = runAs(server, 'lone', 'taint-owner-lone', 'SELECT a FROM lost.t');
    await expect(read).rejects.toMatchObject({ code: '42501' });
    // The next clone finds it, and moves it.
    const compare = () =>
      asMaster(server, 'administrator', (twins, connection) => twins.comparePrivileges(connection, pairOf('lone')));
    expect(await compare()).toEqual([
      "lone_clone lacks the setting role = 'lone'",
      expect.stringMatching(/^lone_clone owns (schema lost, table lost.t|table lost.t, schema lost)$/),
    ]);
    await asMaster(server, 'administrator', (twins, connection) => twins.cloneUser(connection, pairOf('lone')));
    expect(await compare()).toEqual([]);
    await runAs(server, 'lone', 'taint-owner-lone', 'SELECT a FROM lost.t', 'DROP SCHEMA lost CASCADE');
  });
});
