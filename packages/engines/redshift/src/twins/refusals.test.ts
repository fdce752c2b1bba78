import { Password } from '@keyturn/core';
import { recordError } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedshift } from '../../service/index.ts';
import type { RunningRedshift } from '../../service/running-redshift.ts';
import { runAs } from '../../service/test-client.ts';
import { asMaster, clone, compare, pairOf } from '../../service/test-twins.ts';

const password = 'Twin-password-1';
let server: RunningRedshift;
let count = 0;
beforeAll(async () => {
  server = await startRedshift();
  await server.execute('CREATE TABLE orders (a int)');
});
afterAll(() => server?.stop());

async function newUser(): Promise<string> {
  count += 1;
  await server.createUser(`app_${count}`, password);
  return `app_${count}`;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(
    () => {
      throw new Error('it succeeded');
    },
    (thrown: unknown) => thrown,
  );
  recordError(error);
  return error;
}

test('a user that somebody else has made is left as it is', async () => {
  const app = await newUser();
  await server.createUser(`${app}_clone`, password);
  expect(await failureOf(clone(server, pairOf(app)))).toMatchObject({ code: 'twin-name-taken', user: `${app}_clone` });
  expect(await server.hasPassword(`${app}_clone`, password)).toBe(true);
});

test('a user in use that there is not is told by its name', async () => {
  expect(await failureOf(clone(server, pairOf('nobody')))).toMatchObject({
    code: 'statement-failed',
    message: expect.stringContaining('"nobody"'),
  });
  expect(await compare(server, pairOf('nobody'))).toEqual(['there is no user nobody', 'there is no user nobody_clone']);
});

test('a master that is no superuser would see only a part: it is told what it lacks, and nothing is done', async () => {
  const app = await newUser();
  await server.createUser('half', password);
  await server.execute('GRANT ROLE sys:superuser TO half');
  const half = { username: 'half', password };
  const error = await failureOf(asMaster(server, (twins, c) => twins.cloneUser(c, pairOf(app)), {}, half));
  expect(error).toMatchObject({
    code: 'missing-privilege',
    remedy: expect.stringContaining('ALTER USER "half" CREATEUSER'),
  });
  expect(
    await failureOf(asMaster(server, (twins, c) => twins.comparePrivileges(c, pairOf(app)), {}, half)),
  ).toMatchObject({
    code: 'missing-privilege',
  });
  expect(await server.userOf(`${app}_clone`)).toBeUndefined();
});

test('a name that is too long is refused before anything is sent', async () => {
  const base = 'x'.repeat(122);
  const before = server.linesHeard;
  expect(await failureOf(clone(server, pairOf(base)))).toMatchObject({ code: 'invalid-secret' });
  expect(server.heardSince(before)).not.toContain('xxxx');
});

describe('what cannot be cloned is named, and nothing has been changed', () => {
  test.each([
    [
      'a policy of row-level security',
      (app: string) => server.execute(`ATTACH RLS POLICY mine ON public.orders TO ${app}`),
      /lacks the row-level security policy mine on public\.orders/,
      /ATTACH RLS POLICY "mine" ON "public"\."orders" TO "app_\d+_clone"/,
    ],
    [
      'a masking policy',
      (app: string) => server.execute(`ATTACH MASKING POLICY hides ON public.orders (a) TO ${app}`),
      /lacks the masking policy hides on public\.orders/,
      /ATTACH MASKING POLICY "hides"/,
    ],
    [
      'a system permission of its own',
      (app: string) =>
        server.below(
          `INSERT INTO redshift_model.grants VALUES ('SYSTEM', '{}', 'IGNORE RLS', '${app}'::regrole, false)`,
        ),
      /lacks IGNORE RLS/,
      /make a role with IGNORE RLS/,
    ],
    [
      'a privilege that is no word',
      (app: string) =>
        server.below(
          `INSERT INTO redshift_model.grants VALUES ('TABLE', '{public,orders}', 'SELECT; DROP TABLE x', '${app}'::regrole, false)`,
        ),
      /lacks "SELECT; DROP TABLE x" ON TABLE public\.orders/,
      /by hand/,
    ],
    [
      'an owned table',
      async (app: string) => {
        await server.execute(`CREATE TABLE mine_${app} (a int)`);
        await server.below(`ALTER TABLE mine_${app} OWNER TO ${app}`);
      },
      /app_\d+ owns table public\.mine_app_\d+/,
      /ALTER TABLE "public"\."mine_app_\d+" OWNER TO a user that does not rotate/,
    ],
    [
      'an owned schema',
      async (app: string) => {
        await server.execute(`CREATE SCHEMA space_${app}`);
        await server.below(`ALTER SCHEMA space_${app} OWNER TO ${app}`);
      },
      /owns schema space_app_\d+/,
      /ownedObjects: 'grant'/,
    ],
  ])('%s', async (_name, given, message, remedy) => {
    const app = await newUser();
    await given(app);
    await server.execute(`GRANT SELECT ON orders TO ${app}`);
    const error = await failureOf(clone(server, pairOf(app)));
    expect(error).toMatchObject({ code: 'rights-not-cloneable', message: expect.stringMatching(message) });
    expect(error).toMatchObject({ remedy: expect.stringMatching(remedy) });
    expect(await server.userOf(`${app}_clone`)).toBeUndefined();
  });

  test('a grant of somebody else than the owner, which nobody else can take', async () => {
    const app = await newUser();
    await server.createUser('giver', password);
    await clone(server, pairOf(app));
    await server.execute('GRANT SELECT ON orders TO giver WITH GRANT OPTION');
    await runAs(server, 'giver', password, `GRANT SELECT ON orders TO ${app}_clone`);
    const before = await server.rightsOf(`${app}_clone`);
    const error = await failureOf(clone(server, pairOf(app)));
    expect(error).toMatchObject({
      code: 'rights-not-cloneable',
      message: expect.stringContaining(`${app}_clone has SELECT ON TABLE public.orders beyond`),
    });
    expect(await server.rightsOf(`${app}_clone`)).toEqual(before);
  });
});

describe("with ownedObjects: 'grant'", () => {
  const options = { ownedObjects: 'grant' } as const;

  test('each of the two gets every right on what the other owns, turn after turn', async () => {
    const app = await newUser();
    const twin = `${app}_clone`;
    await server.execute(`CREATE TABLE his_${app} (a int); CREATE TABLE hers_${app} (a int)`);
    await server.below(`ALTER TABLE his_${app} OWNER TO ${app}`);
    await clone(server, pairOf(app), options);
    await server.execute(`ALTER USER ${twin} PASSWORD '${password}'`);
    await runAs(
      server,
      twin,
      password,
      `INSERT INTO his_${app} VALUES (1)`,
      `SELECT a FROM his_${app}`,
      `TRUNCATE his_${app}`,
    );
    await server.below(`ALTER TABLE hers_${app} OWNER TO ${twin}`);
    await clone(server, pairOf(app, { current: twin }), options);
    await runAs(server, app, password, `INSERT INTO hers_${app} VALUES (1)`);
    expect(await compare(server, pairOf(app), options)).toEqual([]);
    // Control: without the option both are named.
    expect(await compare(server, pairOf(app))).toEqual(
      expect.arrayContaining([`${app} owns table public.his_${app}`, `${twin} owns table public.hers_${app}`]),
    );
  });

  test('the table behind a materialized view is not asked for', async () => {
    const app = await newUser();
    await server.execute(`CREATE VIEW due_${app} AS SELECT a FROM orders; CREATE TABLE mv_tbl__due_${app}__0 (a int)`);
    await server.below(`ALTER VIEW due_${app} OWNER TO ${app}; ALTER TABLE mv_tbl__due_${app}__0 OWNER TO ${app}`);
    const { given } = await clone(server, pairOf(app), options);
    expect(given).toEqual([`SELECT ON TABLE public.due_${app}`, `DROP ON TABLE public.due_${app}`]);
  });
});

test('a password in the pair is in no error', async () => {
  const app = await newUser();
  const secret = new Password('Taint-pair-password-1');
  await server.createUser(`${app}_clone`, password);
  const error = await failureOf(clone(server, pairOf(app, { password: secret })));
  expect(JSON.stringify(error)).not.toContain('Taint');
});
