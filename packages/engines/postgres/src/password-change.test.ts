import { type Engine, Password, withConnection } from '@keyturn/core';
import { loginGroups, outermost, startPostgres } from '@keyturn/service-postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunningPostgres } from '../service/running-postgres.ts';
import { limits, loginTo, secretsIn } from '../service/test-login.ts';
import { type PostgresConnection, postgres } from './index.ts';

describe.each(outermost)('PostgreSQL $version', ({ version }) => {
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres(version);
    await server.execute('CREATE ROLE base; CREATE ROLE other');
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    await server.execute('DROP ROLE IF EXISTS app');
    await server.createUser('app', 'first');
  });

  const change = (next: string, engine: Engine<PostgresConnection> = postgres(), current = 'first') => {
    const login = loginTo(server, 'app', current);
    return withConnection(engine, login, limits(), async (connection) => {
      await engine.changeOwnPassword(connection, new Password(next), login.password);
    });
  };
  const reset = (next: string, engine: Engine<PostgresConnection> = postgres()) => {
    const { username, password } = server.administrator;
    return withConnection(engine, loginTo(server, username, password), limits(), async (connection) => {
      await engine.admin?.resetPassword(connection, 'app', new Password(next));
    });
  };
  const stored = async () => {
    const rows = await server.execute(`SELECT rolpassword FROM pg_authid WHERE rolname = 'app'`);
    return String(rows[0]?.rolpassword);
  };

  test('a user changes its own password; the old one logs in no more', async () => {
    await change('second');
    expect(await server.logsIn('app', 'second')).toBe(true);
    expect(await server.logsIn('app', 'first')).toBe(false);
  });

  test('the administrator resets a password; doing either twice equals once', async () => {
    await reset('second');
    await reset('second');
    await change('third', postgres(), 'second');
    await change('third', postgres(), 'third');
    expect(await server.logsIn('app', 'third')).toBe(true);
  });

  test('a connection that has changed the password still works', async () => {
    const engine = postgres();
    const login = loginTo(server, 'app', 'first');
    await withConnection(engine, login, limits(), async (connection) => {
      await engine.changeOwnPassword(connection, new Password('second'), login.password);
      await engine.ping(connection);
    });
  });

  test('the stored form is what password_encryption says, with the iterations that the server asks for', async () => {
    await change('second');
    expect(await stored()).toMatch(/^SCRAM-SHA-256\$4096:/);
    if (Number(version) >= 16) {
      await server.execute('ALTER ROLE app SET scram_iterations = 8192');
      await change('third', postgres(), 'second');
      expect(await stored()).toMatch(/^SCRAM-SHA-256\$8192:/);
      expect(await server.logsIn('app', 'third')).toBe(true);
    }
    await server.execute(`ALTER ROLE app SET password_encryption = 'md5'; GRANT ${loginGroups.md5} TO app`);
    await reset('fourth');
    expect(await stored()).toMatch(/^SCRAM-SHA-256\$4096:/);
    await change('fifth', postgres(), 'fourth');
    expect(await stored()).toMatch(/^md5[0-9a-f]{32}$/);
    expect(await server.logsIn('app', 'fifth')).toBe(true);
  });

  test('a user that acts as another role from its login on changes its own password', async () => {
    await server.execute('GRANT base TO app; ALTER ROLE app SET role = base');
    await change('second');
    expect(await server.logsIn('app', 'second')).toBe(true);
    // Control: without leaving the role, the server refuses.
    const connection = await postgres().connect(loginTo(server, 'app', 'second'), limits());
    await expect(connection.run(`ALTER ROLE SESSION_USER PASSWORD 'third'`)).rejects.toMatchObject({ code: '42501' });
    // Nor does the change leave anything behind in the session.
    await postgres().changeOwnPassword(connection, new Password('third'), new Password('second'));
    expect(await connection.run('SELECT current_user::text AS name')).toEqual([{ name: 'base' }]);
    await connection.close();
  });

  test('a user whose own setting is read-only changes its password', async () => {
    await server.execute('ALTER ROLE app SET default_transaction_read_only = on');
    await change('second');
    expect(await server.logsIn('app', 'second')).toBe(true);
    const connection = await postgres().connect(loginTo(server, 'app', 'second'), limits());
    await expect(connection.run(`ALTER ROLE SESSION_USER PASSWORD 'third'`)).rejects.toMatchObject({ code: '25006' });
    await connection.close();
  });

  test('a user with synchronous_commit off changes its password durably', async () => {
    await server.execute('ALTER ROLE app SET synchronous_commit = off');
    const before = server.log().length;
    await change('second');
    expect(server.log().slice(before)).toMatch(/SET LOCAL synchronous_commit = on; .*ALTER ROLE/);
  });

  test('a search path full of impostors changes nothing', async () => {
    await server.execute(`
      DROP SCHEMA IF EXISTS hostile CASCADE;
      CREATE SCHEMA hostile;
      GRANT USAGE ON SCHEMA hostile TO app;
      CREATE VIEW hostile.pg_roles AS SELECT 'other'::name AS rolname, true AS rolsuper;
      CREATE FUNCTION hostile.current_setting(text) RETURNS text LANGUAGE sql AS 'SELECT ''md5''::text';
      CREATE FUNCTION hostile.never(name, name) RETURNS boolean LANGUAGE sql AS 'SELECT false';
      CREATE OPERATOR hostile.= (LEFTARG = name, RIGHTARG = name, FUNCTION = hostile.never);
      ALTER ROLE app SET search_path = hostile, pg_catalog;`);
    await change('second');
    expect(await stored()).toMatch(/^SCRAM-SHA-256/);
    expect(await server.logsIn('app', 'second')).toBe(true);
    // Control: a careless query is fooled.
    const connection = await postgres().connect(loginTo(server, 'app', 'second'), limits());
    expect(await connection.run(`SELECT current_setting('password_encryption') AS found`)).toEqual([{ found: 'md5' }]);
    await connection.close();
    await server.execute('DROP SCHEMA hostile CASCADE');
  });

  test("the server's log holds no password, whoever sets it", async () => {
    const before = server.log().length;
    const marked = ['taint-log-Change', 'taint-log-Reset', 'taint-log-Refused'];
    await change('taint-log-Change');
    await reset('taint-log-Reset');
    const engine = postgres();
    const login = loginTo(server, 'app', 'taint-log-Reset');
    await withConnection(engine, login, limits(), async (connection) => {
      // A refused statement is logged a second time, as the statement of an error.
      const refused = engine.admin?.resetPassword(connection, 'other', new Password('taint-log-Refused'));
      await expect(refused).rejects.toMatchObject({ code: 'missing-privilege' });
    });
    const log = server.log().slice(before);
    expect(log).toMatch(/STATEMENT: {2}.*ALTER ROLE "other" PASSWORD 'SCRAM-SHA-256/);
    expect(secretsIn(log, marked)).toEqual([]);
    // Several statements in one message are a transaction, or SET LOCAL would do nothing.
    expect(server.log()).not.toContain('can only be used in transaction blocks');
  });

  test('control: with plaintextPassword the log holds the password, and the search finds it', async () => {
    const before = server.log().length;
    await change('taint-log-Plain', postgres({ plaintextPassword: true }));
    expect(await server.logsIn('app', 'taint-log-Plain')).toBe(true);
    expect(secretsIn(server.log().slice(before), ['taint-log-Plain'])).toEqual(['taint-log-Plain']);
  });

  test('the login shows itself as keyturn', async () => {
    const connection = await postgres().connect(loginTo(server, 'app', 'first'), limits());
    const rows = await connection.run(`SELECT current_setting('application_name') AS name`);
    expect(rows).toEqual([{ name: 'keyturn' }]);
    await connection.close();
  });
});
