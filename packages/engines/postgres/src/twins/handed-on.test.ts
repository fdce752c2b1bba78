import { outermost, startPostgres } from '@keyturn/service-postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningPostgres } from '../../service/running-postgres.ts';
import { clone, compare, pairOf } from '../../service/test-twins.ts';

/** What a twin has granted to others, when it may no longer grant it itself. */
describe.each(outermost)('PostgreSQL $version', ({ version }) => {
  let server: RunningPostgres;
  let count = 0;
  beforeAll(async () => {
    server = await startPostgres(version);
  });
  afterAll(() => server?.stop());

  /** A user whose twin is there. */
  const twoUsers = async () => {
    count += 1;
    const app = `app${count}`;
    await server.createUser(app, 'first');
    await clone(server, 'administrator', pairOf(app));
    return { app, twin: `${app}_clone`, pair: pairOf(app) };
  };

  test('a grant by the twin that outlived its own right is granted by the base', async () => {
    const { app, twin, pair } = await twoUsers();
    await server.execute(`CREATE ROLE ${app}_other; CREATE TABLE ${app}_t (a int); GRANT SELECT ON ${app}_t TO ${app}, ${twin} WITH GRANT OPTION;
      SET ROLE ${twin}; GRANT SELECT ON ${app}_t TO ${app}_other; RESET ROLE; REVOKE SELECT ON ${app}_t FROM ${twin} CASCADE`);
    expect(await compare(server, pair)).toEqual([`${twin} has granted SELECT ON TABLE public.${app}_t to others`]);
    await clone(server, 'superuser', pair);
    expect(await compare(server, pair)).toEqual([]);
    const rows = await server.execute(`SELECT grantor::regrole::text FROM pg_class, aclexplode(relacl)
      WHERE oid = '${app}_t'::regclass AND grantee = '${app}_other'::regrole`);
    expect(rows).toEqual([{ grantor: app }]);
  });

  test.runIf(version === '18')('three thousand grants are moved at once', async () => {
    const { twin, pair } = await twoUsers();
    // Long names: what the server answers is longer than anything that a login is answered.
    await server.execute(`DO $$ BEGIN FOR i IN 1..3000 LOOP
      EXECUTE format('CREATE TABLE %I (a int)', rpad('many ' || i || ' ', 60, 'x')); END LOOP; END $$`);
    await server.execute(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${twin}`);
    const lines = await compare(server, pair);
    expect(lines.length).toBeGreaterThanOrEqual(3_000);
    const error = await clone(server, 'administrator', pair).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'rights-not-cloneable', message: expect.stringMatching(/; and \d+ more/) });
    expect((error as Error).message.length).toBeLessThan(20_000);
    await clone(server, 'superuser', pair);
    expect(await compare(server, pair)).toEqual([]);
  });

  test('a grant by a twin that was a superuser is granted by the owner, where the base has no right to grant', async () => {
    const { app, twin, pair } = await twoUsers();
    const table = `t${count}`;
    await server.execute(`CREATE TABLE ${table} (a int); CREATE ROLE group${count};
      GRANT SELECT ON ${table} TO ${twin} WITH GRANT OPTION;
      SET ROLE ${twin}; GRANT SELECT ON ${table} TO group${count}; RESET ROLE;
      ALTER ROLE ${twin} SUPERUSER; REVOKE GRANT OPTION FOR SELECT ON ${table} FROM ${twin} CASCADE`);
    const mayRead = () => server.execute(`SELECT has_table_privilege('group${count}', '${table}', 'SELECT') AS may`);
    expect(await mayRead()).toEqual([{ may: true }]);
    await clone(server, 'superuser', pair);
    expect(await mayRead()).toEqual([{ may: true }]);
    expect(await compare(server, pair)).toEqual([]);
    const options = `SELECT has_table_privilege('${app}', '${table}', 'SELECT WITH GRANT OPTION') AS may`;
    expect(await server.execute(options)).toEqual([{ may: false }]);
  });

  // To take a right to a table is to take it to its columns, too, and what the twin granted on hangs on those.
  test.each([
    ['the table first', ['table', 'column']],
    ['the column first', ['column', 'table']],
  ])('a right to a table, and one to its column that was granted on: %s', async (_, order) => {
    const { twin, pair } = await twoUsers();
    const [table, group] = [`t${count}`, `group${count}`];
    const granted: { readonly [what: string]: string } = {
      table: `GRANT SELECT ON ${table} TO ${twin}`,
      column: `GRANT SELECT (a) ON ${table} TO ${twin} WITH GRANT OPTION; SET ROLE ${twin}; GRANT SELECT (a) ON ${table} TO ${group}; RESET ROLE`,
    };
    await server.execute(
      `CREATE TABLE ${table} (a int); CREATE ROLE ${group}; ${order.map((what) => granted[what]).join('; ')}`,
    );
    await clone(server, 'superuser', pair);
    expect(await compare(server, pair)).toEqual([]);
    const mayRead = `SELECT has_column_privilege('${group}', '${table}', 'a', 'SELECT') AS may`;
    expect(await server.execute(mayRead)).toEqual([{ may: true }]);
  });
});
