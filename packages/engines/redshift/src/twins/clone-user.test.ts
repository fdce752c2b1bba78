import { Password, withConnection } from '@keyturn/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedshift } from '../../service/index.ts';
import type { RunningRedshift } from '../../service/running-redshift.ts';
import { runAs } from '../../service/test-client.ts';
import { limits, loginTo } from '../../service/test-login.ts';
import { clone, compare, pairOf } from '../../service/test-twins.ts';
import { redshift } from '../index.ts';

const password = 'Twin-password-1';
let server: RunningRedshift;
let count = 0;
beforeAll(async () => {
  server = await startRedshift();
  await server.execute('CREATE TABLE orders (a int); CREATE GROUP readers; CREATE ROLE auditor');
});
afterAll(() => server?.stop());

/** A user of its own for each test. */
async function newUser(): Promise<string> {
  count += 1;
  await server.createUser(`app_${count}`, password);
  return `app_${count}`;
}

async function givePassword(user: string): Promise<void> {
  const engine = redshift();
  const login = loginTo(server, server.administrator.username, server.administrator.password);
  await withConnection(engine, login, limits(), async (connection) => {
    await engine.admin?.resetPassword(connection, user, new Password(password));
  });
}

test('nobody logs in as the twin before it has its password', async () => {
  const app = await newUser();
  await clone(server, pairOf(app));
  expect(await server.userOf(`${app}_clone`)).toMatchObject({ digest: null });
  await givePassword(`${app}_clone`);
  expect(await server.logsIn(`${app}_clone`, password)).toBe(true);
});

test("a superuser's twin is made with a password that nobody knows, for a superuser's cannot be disabled", async () => {
  const app = await newUser();
  await server.execute(`ALTER USER ${app} CREATEUSER`);
  await clone(server, pairOf(app));
  expect(await server.userOf(`${app}_clone`)).toMatchObject({ isSuper: true, digest: expect.stringMatching(/^md5/) });
  expect(await compare(server, pairOf(app))).toEqual([]);
});

test('grants of a group, a role and PUBLIC stay there, and are not made to the twin', async () => {
  const app = await newUser();
  await server.execute(
    `GRANT SELECT ON orders TO GROUP readers; GRANT INSERT ON orders TO ROLE auditor; GRANT DELETE ON orders TO PUBLIC;
     ALTER GROUP readers ADD USER ${app}; GRANT ROLE auditor TO ${app}`,
  );
  const { given } = await clone(server, pairOf(app));
  expect(given).toEqual(['membership in group readers', 'ROLE auditor']);
  await givePassword(`${app}_clone`);
  await runAs(server, `${app}_clone`, password, 'SELECT a FROM orders', 'INSERT INTO orders VALUES (1)');
  await server.execute(`REVOKE DELETE ON orders FROM PUBLIC`);
});

test('what the twin has of its own, beyond the user in use, is taken from it', async () => {
  const app = await newUser();
  await clone(server, pairOf(app));
  await server.execute(`GRANT DROP ON orders TO ${app}_clone; ALTER USER ${app}_clone CREATEDB SET query_group TO 'x'`);
  expect(await compare(server, pairOf(app))).toEqual([
    `${app}_clone has DROP ON TABLE public.orders beyond`,
    `${app}_clone has the setting query_group = 'x' beyond`,
    `${app}_clone lacks NOCREATEDB`,
  ]);
  expect(await clone(server, pairOf(app))).toEqual({
    created: false,
    given: ['NOCREATEDB'],
    taken: ['DROP ON TABLE public.orders', "the setting query_group = 'x'"],
  });
  expect(await server.rightsOf(`${app}_clone`)).toEqual(await server.rightsOf(app));
});

test('names that differ only by case are told apart, whatever the session folds', async () => {
  const app = await newUser();
  await server.execute(
    `SET enable_case_sensitive_identifier TO true; CREATE TABLE "Bills" (a int); CREATE TABLE bills (a int); GRANT SELECT ON "Bills" TO ${app}`,
  );
  await clone(server, pairOf(app));
  expect(await server.rightsOf(`${app}_clone`)).toContain('SELECT ON public."Bills"');
  expect(await server.rightsOf(`${app}_clone`)).not.toContain('SELECT ON public.bills');
  // Control: without the setting, the same name means the other table.
  await server.execute(`SET enable_case_sensitive_identifier TO false; GRANT INSERT ON "Bills" TO ${app}`);
  expect(await server.rightsOf(app)).toContain('INSERT ON public.bills');
});

test('settings of the master change nothing', async () => {
  const app = await newUser();
  const { username } = server.administrator;
  await server.execute(
    `GRANT SELECT ON orders TO ${app}; ALTER USER ${app} VALID UNTIL '2099-01-02 03:04:05+00';
     ALTER USER "${username}" SET describe_field_name_in_uppercase TO true; ALTER USER "${username}" SET datestyle TO 'German';
     ALTER USER "${username}" SET timezone TO 'Asia/Tokyo'; ALTER USER "${username}" SET search_path TO nowhere`,
  );
  const { given } = await clone(server, pairOf(app));
  expect(given).toEqual(['SELECT ON TABLE public.orders', "VALID UNTIL '2099-01-02 03:04:05+00'"]);
  expect(await compare(server, pairOf(app))).toEqual([]);
  await server.execute(
    ['describe_field_name_in_uppercase', 'datestyle', 'timezone', 'search_path']
      .map((name) => `ALTER USER "${username}" RESET ${name}`)
      .join('; '),
  );
});

describe('the mark', () => {
  test('shows that the two belong together: nobody else is asked', async () => {
    const app = await newUser();
    let asked = 0;
    const isKnown = async () => {
      asked += 1;
      return true;
    };
    await clone(server, pairOf(app, { isKnown }));
    await clone(server, pairOf(app, { isKnown, current: `${app}_clone` }));
    expect(asked).toBe(0);
    // Control: without it, they are.
    await server.execute(`ALTER GROUP keyturn_${app} DROP USER ${app}_clone`);
    await clone(server, pairOf(app, { isKnown }));
    expect(asked).toBe(1);
  });

  test('is no group that is there already: its grants would be given, too', async () => {
    const app = await newUser();
    await server.execute(`CREATE GROUP keyturn_${app}; GRANT DELETE ON orders TO GROUP keyturn_${app}`);
    await clone(server, pairOf(app));
    expect(await server.rightsOf(app)).not.toContain('DELETE ON public.orders');
    expect(await server.rightsOf(`${app}_clone`)).toEqual(await server.rightsOf(app));
  });
});

describe('several databases', () => {
  test('rights of the other ones are handed on, too, and differences name theirs', async () => {
    const app = await newUser();
    await server.below('CREATE DATABASE sales', 'postgres');
    try {
      await server.executeIn('sales', `CREATE TABLE deals (a int); GRANT SELECT ON deals TO ${app}`);
      const { created, given } = await clone(server, pairOf(app));
      expect({ created, given }).toEqual({ created: true, given: ['SELECT ON TABLE public.deals'] });
      expect(await compare(server, pairOf(app))).toEqual([]);
      await server.executeIn('sales', `REVOKE SELECT ON deals FROM ${app}; GRANT INSERT ON deals TO ${app}`);
      expect(await compare(server, pairOf(app))).toEqual([
        `${app}_clone has SELECT ON TABLE public.deals beyond in database sales`,
        `${app}_clone lacks INSERT ON TABLE public.deals in database sales`,
      ]);
      // Control: an option leaves that database out.
      expect(await compare(server, pairOf(app), { databases: [] })).toEqual([]);
    } finally {
      await server.below('DROP DATABASE sales', 'postgres');
    }
  });

  test('nothing has been changed in any of them when one cannot be settled', async () => {
    const app = await newUser();
    await server.below('CREATE DATABASE sales', 'postgres');
    try {
      await server.execute(`GRANT SELECT ON orders TO ${app}`);
      await server.executeIn('sales', `CREATE TABLE deals (a int); GRANT SELECT ON deals TO ${app}`);
      // The PostgreSQL below lets nobody grant there, and the front's model knows nothing of it.
      await server.below(
        "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING errcode = '0A000'; END $$; CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('GRANT') EXECUTE FUNCTION no()",
        'sales',
      );
      await expect(clone(server, pairOf(app))).rejects.toMatchObject({
        code: 'rights-not-cloneable',
        message: expect.stringContaining('SELECT ON TABLE public.deals in database sales'),
      });
      expect(await server.userOf(`${app}_clone`)).toBeUndefined();
    } finally {
      await server.below('DROP DATABASE sales', 'postgres');
    }
  });
});

test('two that clone at once both succeed, and the twin is as it must be', async () => {
  const app = await newUser();
  await server.execute(`GRANT SELECT, DROP ON orders TO ${app}; ALTER USER ${app} CONNECTION LIMIT 4`);
  const pair = pairOf(app, { isKnown: async () => true });
  await Promise.all([clone(server, pair), clone(server, pair)]);
  expect(await compare(server, pair)).toEqual([]);
});
