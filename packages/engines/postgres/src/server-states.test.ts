import { type Engine, Password, withConnection } from '@keyturn/core';
import { outermost, startPostgres } from '@keyturn/service-postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningPostgres } from '../service/running-postgres.ts';
import { limits, loginTo, waitUntil } from '../service/test-login.ts';
import { type PostgresConnection, postgres } from './index.ts';

const engine: Engine<PostgresConnection> = postgres();

// In this order: each test brings the server into another state, and from the last two it does not come back.
describe.each(outermost)('PostgreSQL $version', ({ version }) => {
  let server: RunningPostgres;
  beforeAll(async () => {
    // One is the tests' own, two are for superusers, and three are left.
    server = await startPostgres(version, { settings: { max_connections: '6', superuser_reserved_connections: '2' } });
    await server.createUser('app', 'first');
  });
  afterAll(() => server?.stop());

  const login = () => loginTo(server, 'app', 'first');
  const change = () =>
    withConnection(engine, login(), limits(), (connection) =>
      engine.changeOwnPassword(connection, new Password('second'), new Password('first')),
    );
  const reset = () => {
    const { username, password } = server.administrator;
    return withConnection(engine, loginTo(server, username, password), limits(), async (connection) => {
      await engine.admin?.resetPassword(connection, 'app', new Password('second'));
    });
  };

  const setReadOnly = async (on: boolean) => {
    await server.execute(`ALTER SYSTEM SET default_transaction_read_only = ${on}`);
    await server.execute('SELECT pg_reload_conf()');
    await waitUntil(async () => {
      const [row] = await server.execute('SHOW default_transaction_read_only');
      return row?.default_transaction_read_only === (on ? 'on' : 'off');
    });
  };

  test('a full server has too many connections', async () => {
    const open: PostgresConnection[] = [];
    try {
      // The slots that are left are for superusers.
      for (let count = 0; count < 3; count += 1) open.push(await engine.connect(login(), limits()));
      await expect(engine.connect(login(), limits())).rejects.toMatchObject({
        code: 'too-many-connections',
        driverCode: '53300',
      });
    } finally {
      for (const connection of open) await engine.close(connection);
    }
  });

  test('a server set read-only refuses both forms, and keeps the password', async () => {
    await setReadOnly(true);
    await expect(change()).rejects.toMatchObject({ code: 'read-only-server', user: 'app' });
    await expect(reset()).rejects.toMatchObject({ code: 'read-only-server' });
    expect(await server.hasPassword('app', 'first')).toBe(true);
    await setReadOnly(false);
    await change();
    await server.execute(`ALTER ROLE app PASSWORD 'first'`);
  });

  test('a standby is a read-only server, for both forms', async () => {
    await server.restart('standby');
    await expect(change()).rejects.toMatchObject({ code: 'read-only-server', user: 'app' });
    await expect(reset()).rejects.toMatchObject({ code: 'read-only-server' });
    expect(await server.hasPassword('app', 'first')).toBe(true);
  });

  test('a server that takes no logins yet is not ready', async () => {
    await server.restart('starting');
    await expect(change()).rejects.toMatchObject({ code: 'server-not-ready', driverCode: '57P03' });
  });
});
