import { Password, withConnection } from '@keyturn/core';
import { makeAuthority, startWireTap, type WireAction, type WirePoint } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postgres } from '../src/index.ts';
import { binaries } from './binaries.ts';
import { outermost, services, startPostgres } from './index.ts';
import type { RunningPostgres } from './running-postgres.ts';
import { limits, loginTo } from './test-login.ts';

test('a version that is not installed says how to get it', async () => {
  await expect(binaries('99')).rejects.toThrow(/PostgreSQL 99 is not installed.*npm install.*pg99/);
});

test('services are prepared again at once', async () => {
  for (const service of services) {
    await service.prepare();
    await service.prepare();
  }
  expect(services.map(({ version }) => version)).toEqual(['13', '15', '16', '18']);
});

test('a server that cannot start says why, and leaves nothing behind', async () => {
  const attempt = startPostgres('18', { settings: { max_connections: 'many' } });
  await expect(attempt).rejects.toThrow(/invalid value for parameter "max_connections"/);
});

describe.each(outermost)('PostgreSQL $version', (service) => {
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres(service.version);
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    await server.execute('DROP ROLE IF EXISTS app');
    await server.createUser('app', 'first');
  });

  test('knows which password a user has, by login and without one', async () => {
    expect(await server.hasPassword('app', 'first')).toBe(true);
    expect(await server.hasPassword('app', 'second')).toBe(false);
    expect(await server.hasPassword('nobody', 'first')).toBe(false);
    expect(await server.logsIn('app', 'first')).toBe(true);
    expect(await server.logsIn('app', 'second')).toBe(false);
  });

  test('runs statements, and logs none of its own', async () => {
    expect(await server.execute(`SELECT 'not logged' AS it`)).toEqual([{ it: 'not logged' }]);
    expect(server.log()).not.toContain('not logged');
    expect(server.log()).toContain('user=app app=[unknown] from=127.0.0.1');
  });

  /** A change of the user's own password, through a tap. */
  async function changeThroughTap(onPoint: (point: WirePoint) => WireAction, signal = new AbortController().signal) {
    const authority = makeAuthority('Tap');
    const tap = await startWireTap({
      protocol: service.protocol,
      upstream: server,
      certificate: authority.sign(),
      onPoint,
    });
    const engine = postgres();
    const login = loginTo({ port: tap.port, ca: authority.certificate }, 'app', 'first');
    const error: unknown = await withConnection(engine, login, limits({ signal }), (connection) =>
      engine.changeOwnPassword(connection, new Password('second'), login.password),
    ).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await tap.close();
    expect(tap.faults).toEqual([]);
    return { tap, code: (error as { code?: string } | undefined)?.code };
  }

  const places = ['connect before', 'connect after', 'read before', 'read after', 'alter before', 'alter after'];
  const placeOf = ({ kind, moment, text }: WirePoint) =>
    `${kind === 'connect' ? 'connect' : text?.includes('ALTER ROLE') ? 'alter' : 'read'} ${moment}`;

  test('a tap sees one login and two statements in a change of password', async () => {
    const { tap, code } = await changeThroughTap(() => 'pass');
    expect(code).toBeUndefined();
    expect(tap.points.map(placeOf)).toEqual(places);
    expect(tap.logins).toMatchObject([{ connection: 1, user: 'app', outcome: 'logged-in' }]);
    expect(await server.hasPassword('app', 'second')).toBe(true);
  });

  test('a tap sees a refused login', async () => {
    await server.execute('ALTER ROLE app NOLOGIN');
    const { tap } = await changeThroughTap(() => 'pass');
    expect(tap.logins).toMatchObject([{ user: 'app', outcome: 'refused' }]);
  });

  test.each(places)('a connection dropped at %s is lost; only after the change the password is new', async (place) => {
    const { code } = await changeThroughTap((point) => (placeOf(point) === place ? 'drop' : 'pass'));
    expect(code).toBe('connection-lost');
    expect(await server.hasPassword('app', place === 'alter after' ? 'second' : 'first')).toBe(true);
  });

  test('a connection frozen after the change times out; the password is new', async () => {
    const controller = new AbortController();
    const { code } = await changeThroughTap((point) => {
      if (placeOf(point) !== 'alter after') return 'pass';
      setImmediate(() => controller.abort());
      return 'freeze';
    }, controller.signal);
    expect(code).toBe('connection-timed-out');
    expect(await server.hasPassword('app', 'second')).toBe(true);
  });
});
