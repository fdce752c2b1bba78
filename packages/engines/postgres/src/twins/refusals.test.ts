import { Password, RotationError, withConnection } from '@keyturn/core';
import { recordError } from '@keyturn/engine-conformance';
import { outermost, services, startPostgres } from '@keyturn/service-postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningPostgres } from '../../service/running-postgres.ts';
import { limits, loginTo } from '../../service/test-login.ts';
import { clone, compare, pairOf, wholeCatalogue } from '../../service/test-twins.ts';
import { uncloneableSetting, uncloneables } from '../../service/uncloneable.ts';
import { postgres } from '../index.ts';

describe.each(outermost)('PostgreSQL $version', ({ version }) => {
  let server: RunningPostgres;
  let count = 0;
  beforeAll(async () => {
    server = await startPostgres(version);
    for (const statement of uncloneableSetting) await server.execute(statement);
  });
  afterAll(() => server?.stop());

  /** What a clone says that must not have changed anything. */
  async function refusal(attempt: () => Promise<unknown>): Promise<RotationError> {
    const before = await wholeCatalogue(server);
    const error: unknown = await attempt().catch((e: unknown) => e);
    recordError(error);
    expect(error).toBeInstanceOf(RotationError);
    expect(await wholeCatalogue(server)).toEqual(before);
    // One line, of a bounded length.
    expect((error as Error).message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect((error as Error).message.length).toBeLessThan(2_000);
    return error as RotationError;
  }

  /** The statements at the end of a remedy. */
  const statements = ({ remedy }: RotationError) => remedy.slice(remedy.indexOf(': ') + 2);

  const newUser = async () => {
    count += 1;
    await server.createUser(`app${count}`, 'first');
    return `app${count}`;
  };

  const cases = uncloneables.filter(({ since = 0 }) => Number(version) >= since);
  test.each(cases)('$name is named, with the statements that settle it', async (uncloneable) => {
    const app = await newUser();
    const pair = pairOf(app);
    if (uncloneable.hasTwin === true) await clone(server, 'administrator', pair);
    await server.execute(uncloneable.given(app, server.administrator.username));
    const error = await refusal(() => clone(server, 'administrator', { ...pair, isKnown: async () => true }));
    expect(error).toMatchObject({ code: 'rights-not-cloneable' });
    expect(error.details.message).toMatch(uncloneable.message);
    expect(error.remedy).toMatch(uncloneable.remedy);
    if (uncloneable.hasTwin === true) expect(await compare(server, pair)).not.toEqual([]);
    // Whoever does what it says has settled it.
    if (uncloneable.settle === undefined) await server.execute(statements(error));
    else await uncloneable.settle(server, app);
    await clone(server, 'administrator', { ...pair, isKnown: async () => true });
    expect(await compare(server, pair)).toEqual([]);
    await server.execute('ALTER DATABASE postgres RESET role');
  });

  test('a revocation that the server passes over without an error is found, and nothing changes', async () => {
    const app = await newUser();
    await clone(server, 'superuser', pairOf(app));
    // A superuser revokes as the owner, and so not what it granted before it was one.
    await server.execute(`CREATE ROLE ${app}_grantor; CREATE TABLE ${app}_t (a int);
      GRANT SELECT ON ${app}_t TO ${app}_grantor WITH GRANT OPTION;
      SET ROLE ${app}_grantor; GRANT SELECT ON ${app}_t TO ${app}_clone; RESET ROLE; ALTER ROLE ${app}_grantor SUPERUSER`);
    const error = await refusal(() => clone(server, 'superuser', pairOf(app)));
    expect(error).toMatchObject({ code: 'rights-not-cloneable', driverCode: undefined });
    expect(error.details.message).toContain(`${app}_clone holds SELECT ON TABLE public.${app}_t of its own`);
    await server.execute(`ALTER ROLE ${app}_grantor NOSUPERUSER`);
    await clone(server, 'superuser', pairOf(app));
    expect(await compare(server, pairOf(app))).toEqual([]);
  });

  test('a superuser clones a superuser', async () => {
    const app = await newUser();
    await server.execute(
      `ALTER ROLE ${app} SUPERUSER BYPASSRLS REPLICATION CREATEDB; ALTER ROLE ${app} SET log_statement = 'none'`,
    );
    await clone(server, 'superuser', pairOf(app));
    expect(await compare(server, pairOf(app))).toEqual([]);
    const rows = await server.execute(
      `SELECT rolsuper, rolbypassrls, rolreplication, rolcreatedb FROM pg_roles WHERE rolname = '${app}_clone'`,
    );
    expect(rows).toEqual([{ rolsuper: true, rolbypassrls: true, rolreplication: true, rolcreatedb: true }]);
  });

  test.each(['twin', 'base'] as const)('a stranger of the name of the %s is left alone', async (which) => {
    const app = await newUser();
    const current = which === 'twin' ? app : `${app}_clone`;
    if (which === 'twin') await server.createUser(`${app}_clone`, 'of-a-stranger');
    else await server.createUser(current, 'first');
    const pair = pairOf(app, { current });
    const error = await refusal(() => clone(server, 'administrator', pair));
    expect(error).toMatchObject({ code: 'twin-name-taken', user: pair.next });
    // Control: known by another version of the secret, it is taken.
    await clone(server, 'administrator', { ...pair, isKnown: async () => true });
    expect(await compare(server, pair)).toEqual([]);
  });

  test('a member of the base is its twin, and nobody is asked', async () => {
    const app = await newUser();
    await server.createUser(`${app}_clone`, 'made by another function');
    await server.execute(`GRANT ${app} TO ${app}_clone`);
    const asked: string[] = [];
    const isKnown = async () => asked.push('asked') < 0;
    for (const current of [app, `${app}_clone`])
      await clone(server, 'administrator', pairOf(app, { current, isKnown }));
    expect(asked).toEqual([]);
    expect(await compare(server, pairOf(app))).toEqual([]);
  });

  test.each(['base', 'twin'] as const)('where the %s of AWSCURRENT does not exist, that is said', async (which) => {
    const app = which === 'base' ? 'nobody' : await newUser();
    const pair = pairOf(app, { current: which === 'base' ? app : `${app}_clone` });
    const error = await refusal(() => clone(server, 'administrator', pair));
    expect(error).toMatchObject({ code: 'statement-failed' });
    expect(error.details.message).toBe(`the server has no role "${pair.current}"`);
  });

  test('a name that the server would cut off is refused before anything is sent', async () => {
    const error = await refusal(() => clone(server, 'administrator', pairOf('a'.repeat(58))));
    expect(error).toMatchObject({ code: 'invalid-secret' });
    await server.createUser('a'.repeat(57), 'first');
    await clone(server, 'administrator', pairOf('a'.repeat(57)));
    expect(await compare(server, pairOf('a'.repeat(57)))).toEqual([]);
  });

  const masterWith = async (attributes: string) => {
    count += 1;
    const master = { username: `weak "master" ${count}`, password: 'taint-weak-master' };
    const name = `"${master.username.replaceAll('"', '""')}"`;
    await server.execute(`CREATE ROLE ${name} LOGIN ${attributes} PASSWORD '${master.password}'`);
    return { master, name };
  };

  test('a master without CREATEROLE is told what it lacks; with it, it clones', async () => {
    const app = await newUser();
    const { master, name } = await masterWith('');
    const error = await refusal(() => clone(server, master, pairOf(app)));
    expect(error).toMatchObject({ code: 'missing-privilege', driverCode: '42501' });
    const admin = Number(version) >= 16 ? [`GRANT "${app}" TO ${name} WITH ADMIN OPTION`] : [];
    expect(statements(error)).toBe([`ALTER ROLE ${name} CREATEROLE`, ...admin].join('; '));
    await server.execute(statements(error));
    await clone(server, master, pairOf(app));
    expect(await compare(server, pairOf(app))).toEqual([]);
  });

  test.runIf(Number(version) >= 16)(
    'a master without the ADMIN OPTION is told on which users; with it, it clones',
    async () => {
      const app = await newUser();
      await clone(server, 'administrator', pairOf(app));
      await server.execute(`ALTER ROLE ${app} CONNECTION LIMIT 5`);
      const { master, name } = await masterWith('CREATEROLE');
      const error = await refusal(() => clone(server, master, pairOf(app)));
      expect(error).toMatchObject({ code: 'missing-privilege' });
      expect(statements(error)).toBe(
        `GRANT "${app}" TO ${name} WITH ADMIN OPTION; GRANT "${app}_clone" TO ${name} WITH ADMIN OPTION`,
      );
      await server.execute(statements(error));
      await clone(server, master, pairOf(app));
      expect(await compare(server, pairOf(app))).toEqual([]);
    },
  );

  test('a database of another encoding knows the same users, and makes a twin that logs in', async () => {
    count += 1;
    const app = `äpp🔑${count}`;
    await server.createUser(app, 'first');
    await server.execute(`CREATE DATABASE latin${count} ENCODING 'LATIN1' TEMPLATE template0`);
    const engine = postgres();
    const login = loginTo(server, server.administrator.username, server.administrator.password, {
      database: `latin${count}`,
    });
    await withConnection(engine, login, limits(), async (connection) => {
      expect(await engine.admin?.twins?.cloneUser(connection, pairOf(app))).toMatchObject({ created: true });
      await engine.admin?.resetPassword(connection, `${app}_clone`, new Password('second'));
      expect(await engine.admin?.twins?.comparePrivileges(connection, pairOf(app))).toEqual([]);
    });
    expect(await server.logsIn(`${app}_clone`, 'second')).toBe(true);
    expect(await compare(server, pairOf(app))).toEqual([]);
  });

  test('hostile names are on one line, bounded, and SQL that means the same', async () => {
    const app = await newUser();
    const pair = pairOf(app);
    await clone(server, 'administrator', pair);
    const group = `U&"line\\000a; DROP ROLE x; -- ""\\2028"`;
    await server.execute(
      `CREATE ROLE ${group}; GRANT ${group} TO ${app}_clone; ALTER ROLE ${app} SET application_name = E'${'\\n'.repeat(2_000)}'`,
    );
    const lines = await compare(server, pair);
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(line.length).toBeLessThan(500);
    }
    expect(lines[0]).toBe(
      `${app}_clone has the membership in U&"line\\+00000a; DROP ROLE x; -- ""\\+002028" of its own`,
    );
    await clone(server, 'superuser', pair);
    expect(await compare(server, pair)).toEqual([]);
  });
});

test('a server that takes no writes is named where something is to be done, and only there', async () => {
  const newest = services.at(-1)?.version ?? '';
  const server = await startPostgres(newest);
  try {
    for (const app of ['done', 'undone']) await server.createUser(app, 'first');
    await clone(server, 'administrator', pairOf('done'));
    await server.restart('standby');
    await expect(clone(server, 'administrator', pairOf('undone'))).rejects.toMatchObject({ code: 'read-only-server' });
    expect(await clone(server, 'administrator', pairOf('done'))).toEqual({ created: false, given: [], taken: [] });
  } finally {
    await server.stop();
  }
});
