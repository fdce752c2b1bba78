import { makeAuthority, startWireTap } from '@keyturn/engine-conformance';
import { outermost, protocol, startPostgres } from '@keyturn/service-postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningPostgres } from '../../service/running-postgres.ts';
import { limits, loginTo } from '../../service/test-login.ts';
import { clone, compare, givePassword, masters, openClient, pairOf, runAs } from '../../service/test-twins.ts';
import { postgres } from '../index.ts';

describe.each(outermost)('PostgreSQL $version', ({ version }) => {
  let server: RunningPostgres;
  let count = 0;
  beforeAll(async () => {
    server = await startPostgres(version);
    for (const name of ['second', 'closed']) await server.execute(`CREATE DATABASE ${name}`);
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
  const inDatabase = async (database: string, ...statements: readonly string[]) => {
    const client = await openClient(server, server.superuser.username, server.superuser.password, database);
    for (const statement of statements) await client.query(statement);
    await client.end();
  };

  test('grants on every class of object are found, and moved with their options', async () => {
    const { app, twin, pair } = await twoUsers();
    const parameter = Number(version) >= 15 ? [['SET', 'PARAMETER work_mem', 'PARAMETER work_mem']] : [];
    const grants = [
      ['SELECT, INSERT', `TABLE o${count}.t`],
      ['TRIGGER', `TABLE o${count}.v`, `TABLE o${count}.v`],
      ['UPDATE (a)', `TABLE o${count}.t`, `UPDATE ON COLUMN o${count}.t.a`],
      ['USAGE', `SEQUENCE o${count}.s`],
      ['EXECUTE', `FUNCTION o${count}.f(int)`, `ROUTINE o${count}.f(integer)`],
      ['EXECUTE', `PROCEDURE o${count}.p(int)`, `ROUTINE o${count}.p(integer)`],
      ['EXECUTE', `FUNCTION o${count}.agg(int)`, `ROUTINE o${count}.agg(integer)`],
      ['USAGE', `TYPE o${count}.e`],
      ['USAGE', `DOMAIN o${count}.d`, `TYPE o${count}.d`],
      ['USAGE', `SCHEMA o${count}`],
      ['CREATE', 'DATABASE app'],
      ['CREATE', 'TABLESPACE pg_default'],
      ['USAGE', 'LANGUAGE plpgsql'],
      ['USAGE', `FOREIGN DATA WRAPPER w${count}`],
      ['USAGE', `FOREIGN SERVER w${count}`],
      ['SELECT', `LARGE OBJECT ${4_000 + count}`],
      ...parameter,
    ].map(([right = '', on = '', shown]) => ({
      right,
      on,
      shown: shown?.includes(' ON ') ? shown : `${right.replace('SELECT, INSERT', 'INSERT, SELECT')} ON ${shown ?? on}`,
    }));
    await server.execute(`CREATE SCHEMA o${count}; CREATE TABLE o${count}.t (a int); CREATE VIEW o${count}.v AS SELECT 1 AS a;
      CREATE SEQUENCE o${count}.s; CREATE FUNCTION o${count}.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE PROCEDURE o${count}.p(int) LANGUAGE sql AS 'SELECT 1'; CREATE AGGREGATE o${count}.agg(int) (SFUNC = int4pl, STYPE = int);
      CREATE TYPE o${count}.e AS ENUM (); CREATE DOMAIN o${count}.d AS int; CREATE FOREIGN DATA WRAPPER w${count};
      CREATE SERVER w${count} FOREIGN DATA WRAPPER w${count}; SELECT lo_create(${4_000 + count})`);
    for (const { right, on } of grants) await server.execute(`GRANT ${right} ON ${on} TO ${twin} WITH GRANT OPTION`);
    const lines = await compare(server, pair);
    for (const { shown } of grants) expect(lines).toContain(`${twin} holds ${shown.replace('(a) ', '')} of its own`);
    expect(lines).toHaveLength(grants.length);
    // The administrator owns none of it.
    await expect(clone(server, 'administrator', pair)).rejects.toMatchObject({ code: 'rights-not-cloneable' });
    const report = await clone(server, 'superuser', pair);
    expect(report.given).toHaveLength(grants.length);
    expect(await compare(server, pair)).toEqual([]);
    const holders = await server.execute(
      `SELECT count(*)::int AS n FROM pg_shdepend WHERE refobjid = '${app}'::regrole AND deptype = 'a'`,
    );
    expect(holders).toEqual([{ n: grants.length }]);
    const options = await server.execute(
      `SELECT has_table_privilege('${app}', 'o${count}.t', 'INSERT WITH GRANT OPTION') AS has`,
    );
    expect(options).toEqual([{ has: true }]);
    await server.execute(`REVOKE CREATE ON DATABASE app FROM ${app}`);
  });

  test.each(masters)('what the twin holds in another database is moved there, by the %s', async (master) => {
    const { app, twin, pair } = await twoUsers();
    const table = `t${count}`;
    await inDatabase('second', `CREATE TABLE ${table} (a int)`, `ALTER TABLE ${table} OWNER TO ${twin}`);
    expect(await compare(server, pair)).toEqual([`${twin} owns table public.${table} in database second`]);
    await clone(server, master, pair);
    expect(await compare(server, pair)).toEqual([]);
    await inDatabase('second', `SET ROLE ${app}`, `DROP TABLE ${table}`);
  });

  test('what the master cannot move in another database changes nothing in any', async () => {
    const { app, twin, pair } = await twoUsers();
    await server.execute(
      `ALTER ROLE ${app} CONNECTION LIMIT 3; CREATE TABLE mine${count} (a int); ALTER TABLE mine${count} OWNER TO ${twin}`,
    );
    await inDatabase('second', `CREATE TABLE t${count} (a int)`, `GRANT SELECT ON t${count} TO ${twin}`);
    const before = await compare(server, pair);
    const refused = clone(server, 'administrator', pair);
    await expect(refused).rejects.toMatchObject({
      code: 'rights-not-cloneable',
      message: expect.stringContaining(`${twin} holds SELECT ON TABLE public.t${count} of its own in database second`),
      remedy: expect.stringContaining('/* in database second */'),
    });
    expect(before).toHaveLength(3);
    expect(await compare(server, pair)).toEqual(before);
    await clone(server, 'superuser', pair);
    expect(await compare(server, pair)).toEqual([]);
  });

  test('a database that the master cannot log in to is named, and nothing changes', async () => {
    const { twin, pair } = await twoUsers();
    await inDatabase('closed', `CREATE TABLE t${count} (a int)`, `ALTER TABLE t${count} OWNER TO ${twin}`);
    await server.execute('REVOKE CONNECT ON DATABASE closed FROM PUBLIC');
    await expect(clone(server, 'administrator', pair)).rejects.toMatchObject({
      code: 'rights-not-cloneable',
      remedy: expect.stringMatching(/: GRANT CONNECT ON DATABASE "closed" TO "keyturn master"$/),
    });
    await server.execute('GRANT CONNECT ON DATABASE "closed" TO "keyturn master"');
    await clone(server, 'administrator', pair);
    expect(await compare(server, pair)).toEqual([]);
    await inDatabase('closed', `DROP TABLE t${count}`);
    await server.execute('REVOKE CONNECT ON DATABASE closed FROM "keyturn master"');
  });

  test("a twin of AWS's functions, with its own objects, becomes a second login of the base", async () => {
    count += 1;
    const app = `app${count}`;
    await server.createUser(app, 'first');
    await server.createUser(`${app}_clone`, 'second');
    await server.execute(`GRANT CREATE ON DATABASE app TO ${app}`);
    await server.execute(`SET ROLE "keyturn master"; GRANT ${app} TO ${app}_clone`);
    await runAs(server, `${app}_clone`, 'second', `CREATE SCHEMA made${count}`, `CREATE TABLE made${count}.t (a int)`);
    // As it is after one rotation of theirs: the twin is the current user.
    const pair = pairOf(app, { current: `${app}_clone` });
    const session = await openClient(server, `${app}_clone`, 'second');
    await clone(server, 'administrator', pair);
    expect(await compare(server, pair)).toEqual([]);
    await runAs(server, app, 'first', `SELECT * FROM made${count}.t`, `ALTER TABLE made${count}.t ADD b int`);
    // Sessions that were open go on.
    await session.query(`SELECT b FROM made${count}.t`);
    await session.query(`ALTER TABLE made${count}.t DROP b`);
    await session.end();
  });

  test('a base that acts as another role has a twin that does so too', async () => {
    const { app, twin, pair } = await twoUsers();
    await server.execute(`CREATE ROLE ${app}_acts; GRANT ${app}_acts TO ${app}; GRANT CREATE ON DATABASE app TO ${app}_acts;
      ALTER ROLE ${app} SET role = ${app}_acts; ALTER ROLE ${app} IN DATABASE second SET role = 'none'`);
    await clone(server, 'administrator', pair);
    expect(await compare(server, pair)).toEqual([]);
    await givePassword(server, 'administrator', twin, 'second');
    const actsAs = async (user: string, password: string, database: string) => {
      const client = await openClient(server, user, password, database);
      const { rows } = await client.query('SELECT current_user::text AS name');
      await client.end();
      return rows[0]?.name;
    };
    expect(await actsAs(app, 'first', 'app')).toBe(`${app}_acts`);
    expect(await actsAs(twin, 'second', 'app')).toBe(`${app}_acts`);
    expect(await actsAs(app, 'first', 'second')).toBe(app);
    expect(await actsAs(twin, 'second', 'second')).toBe(app);
  });

  test('default privileges of the base hold for what the twin makes; those of the twin become the base’s', async () => {
    const { app, twin, pair } = await twoUsers();
    await server.execute(`CREATE ROLE ${app}_reads; GRANT CREATE ON DATABASE app TO ${app};
      ALTER DEFAULT PRIVILEGES FOR ROLE ${app} GRANT SELECT ON TABLES TO ${app}_reads;
      ALTER DEFAULT PRIVILEGES FOR ROLE ${twin} GRANT USAGE ON SEQUENCES TO ${app}_reads;
      ALTER DEFAULT PRIVILEGES FOR ROLE ${twin} REVOKE EXECUTE ON ROUTINES FROM PUBLIC`);
    await clone(server, 'administrator', pair);
    expect(await compare(server, pair)).toEqual([]);
    await givePassword(server, 'administrator', twin, 'second');
    await runAs(
      server,
      twin,
      'second',
      `CREATE SCHEMA ${app}_s`,
      `CREATE TABLE ${app}_s.t (a int)`,
      `CREATE SEQUENCE ${app}_s.s`,
      `CREATE FUNCTION ${app}_s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    );
    const rows = await server.execute(`SELECT has_table_privilege('${app}_reads', '${app}_s.t', 'SELECT') AS t,
      has_sequence_privilege('${app}_reads', '${app}_s.s', 'USAGE') AS s, has_function_privilege('${app}_reads', '${app}_s.f()', 'EXECUTE') AS f`);
    expect(rows).toEqual([{ t: true, s: true, f: false }]);
  });

  test.runIf(Number(version) >= 16)(
    'memberships that the twin has granted are granted by the base, and stay',
    async () => {
      const { app, twin, pair } = await twoUsers();
      await server.execute(`CREATE ROLE ${app}_group; GRANT ${app}_group TO "keyturn master" WITH ADMIN OPTION; CREATE ROLE ${app}_other;
      SET ROLE "keyturn master"; GRANT ${app}_group TO ${twin} WITH ADMIN OPTION; SET ROLE ${twin}; GRANT ${app}_group TO ${app}_other`);
      await clone(server, 'administrator', pair);
      expect(await compare(server, pair)).toEqual([]);
      const rows = await server.execute(`SELECT member::regrole::text, grantor::regrole::text FROM pg_auth_members
      WHERE roleid = '${app}_group'::regrole AND member IN ('${app}_other'::regrole, '${twin}'::regrole)`);
      expect(rows).toEqual([{ member: `${app}_other`, grantor: app }]);
    },
  );

  test.each(masters)("the %s's own memberships are what they were, whatever it needed to become", async (master) => {
    const { app, twin, pair } = await twoUsers();
    const admin = `"${server.administrator.username}"`;
    await server.execute(`CREATE ROLE ${app}_owner; GRANT ${app}_owner TO ${admin} WITH ADMIN OPTION; CREATE TABLE ${app}_t (a int);
      ALTER TABLE ${app}_t OWNER TO ${app}_owner; GRANT SELECT ON ${app}_t TO ${twin}; CREATE TABLE ${app}_m (a int); ALTER TABLE ${app}_m OWNER TO ${twin}`);
    const mine = `SELECT roleid::regrole::text, to_jsonb(m) - 'oid' AS row FROM pg_auth_members AS m WHERE member = '${admin}'::regrole ORDER BY 1`;
    const before = await server.execute(mine);
    await clone(server, master, pair);
    expect(await compare(server, pair)).toEqual([]);
    expect(await server.execute(mine)).toEqual(before);
  });

  test('a master whose search path is full of impostors clones what is there', async () => {
    const { app, pair } = await twoUsers();
    await server.execute(`CREATE SCHEMA hostile; GRANT USAGE ON SCHEMA hostile TO PUBLIC;
      CREATE VIEW hostile.pg_roles AS SELECT * FROM pg_catalog.pg_roles WHERE false;
      CREATE FUNCTION hostile.never(name, name) RETURNS boolean LANGUAGE sql AS 'SELECT false';
      CREATE OPERATOR hostile.= (LEFTARG = name, RIGHTARG = name, FUNCTION = hostile.never);
      GRANT SELECT ON hostile.pg_roles TO PUBLIC;
      ALTER ROLE "keyturn master" SET search_path = hostile, pg_catalog; ALTER ROLE ${app} CONNECTION LIMIT 8`);
    // Control: a careless query is fooled.
    const { username, password } = server.administrator;
    const careless = await openClient(server, username, password);
    expect((await careless.query('SELECT rolname FROM pg_roles')).rows).toEqual([]);
    await careless.end();
    const report = await clone(server, 'administrator', pair);
    expect(report).toEqual({ created: false, given: ['CONNECTION LIMIT 8'], taken: [] });
    await server.execute('DROP SCHEMA hostile CASCADE; ALTER ROLE "keyturn master" RESET search_path');
  });

  test('where nothing is to be done, either call is one round trip, and writes nothing', async () => {
    const { pair } = await twoUsers();
    const authority = makeAuthority('The tap');
    const tap = await startWireTap({
      protocol,
      upstream: { host: server.host, port: server.port, ca: server.ca },
      certificate: authority.sign(),
    });
    const engine = postgres();
    const { username, password } = server.administrator;
    const connection = await engine.connect(
      loginTo({ port: tap.port, ca: authority.certificate }, username, password),
      limits(),
    );
    const statements = () => tap.points.filter(({ kind, moment }) => kind === 'statement' && moment === 'before');
    expect(await engine.admin?.twins?.cloneUser(connection, pair)).toEqual({ created: false, given: [], taken: [] });
    expect(statements()).toHaveLength(1);
    expect(await engine.admin?.twins?.comparePrivileges(connection, pair)).toEqual([]);
    expect(statements()).toHaveLength(2);
    for (const { text } of statements()) expect(text).not.toMatch(/\b(BEGIN|ALTER|GRANT|CREATE ROLE)\b/);
    await engine.close(connection);
    await tap.close();
  });

  test('the furniture of the tests reads the same for both users after a clone, and not before', async () => {
    const { app, twin, pair } = await twoUsers();
    for (let round = 0; round < 3; round += 1) {
      await server.furnish(round % 2 === 0 ? app : twin);
      expect(await server.rightsOf(twin)).not.toEqual(await server.rightsOf(app));
      await clone(server, 'administrator', pair);
      expect(await compare(server, pair)).toEqual([]);
      const rights = await server.rightsOf(app);
      expect(await server.rightsOf(twin)).toEqual(rights);
      expect(rights.length).toBeGreaterThan(40);
    }
    // Control: what is not there for the twin alone shows.
    await server.execute(`ALTER ROLE ${twin} RESET role`);
    expect(await server.rightsOf(twin)).not.toEqual(await server.rightsOf(app));
  });
});
