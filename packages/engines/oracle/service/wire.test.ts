import { Password } from '@keyturn/core';
import { makeAuthority, startWireTap, type WirePoint } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { oracle } from '../src/index.ts';
import { protocol, type RunningOracle, startOracle } from './index.ts';
import { limits, loginTo } from './test-logins.ts';

let server: RunningOracle;
const authority = makeAuthority('Keyturn tests');
beforeAll(async () => {
  server = await startOracle('19c');
  await server.createUser('app', 'first password');
});
afterAll(() => server?.stop());

const tap = (onPoint?: (point: WirePoint) => 'pass' | 'drop') =>
  startWireTap({
    protocol,
    upstream: { host: server.host, port: server.port, ca: server.ca },
    certificate: authority.sign(),
    ...(onPoint === undefined ? {} : { onPoint }),
  });

test('a tap sees logins, statements and changes of passwords, each before and after, and no password', async () => {
  const engine = oracle();
  const wire = await tap();
  const login = loginTo({ ...server, port: wire.port, ca: authority.certificate }, 'app', 'first password');
  const connection = await engine.connect(login, limits());
  await engine.ping(connection);
  await engine.changeOwnPassword(connection, new Password('taint-on-the-wire'), new Password('first password'));
  await connection.query(`SELECT '${'x'.repeat(20_000)}' FROM sys.dual`);
  await engine.close(connection);
  await expect(engine.connect(login, limits())).rejects.toMatchObject({ code: 'login-failed' });
  await wire.close();
  expect(wire.points.map(({ kind, moment, text }) => [kind, moment, text?.slice(0, 22)])).toEqual([
    ['connect', 'before', undefined],
    ['connect', 'after', undefined],
    ['statement', 'before', 'SELECT 1 FROM sys.dual'],
    ['statement', 'after', 'SELECT 1 FROM sys.dual'],
    ['statement', 'before', 'change password'],
    ['statement', 'after', 'change password'],
    ['statement', 'before', "SELECT 'xxxxxxxxxxxxxx"],
    ['statement', 'after', "SELECT 'xxxxxxxxxxxxxx"],
    ['connect', 'before', undefined],
  ]);
  expect(wire.logins.map(({ user, outcome }) => [user, outcome])).toEqual([
    ['app', 'logged-in'],
    ['app', 'refused'],
  ]);
  expect(wire.faults).toEqual([]);
  expect(JSON.stringify(wire.points)).not.toContain('taint-on-the-wire');
});

test('what is dropped before a statement has not happened, and after it has', async () => {
  const engine = oracle();
  for (const [moment, works] of [
    ['before', 'taint-on-the-wire'],
    ['after', 'another password'],
  ] as const) {
    const wire = await tap((point) => (point.kind === 'statement' && point.moment === moment ? 'drop' : 'pass'));
    const login = loginTo({ ...server, port: wire.port, ca: authority.certificate }, 'app', 'taint-on-the-wire');
    const connection = await engine.connect(login, limits());
    const change = engine.changeOwnPassword(connection, new Password('another password'), login.password);
    await expect(change).rejects.toMatchObject({ code: 'connection-lost' });
    await engine.close(connection);
    await wire.close();
    expect(await server.logsIn('app', works)).toBe(true);
  }
});

test('a query of many rows comes in several messages', async () => {
  for (let i = 0; i < 1_200; i += 1) server.sql(`CREATE TABLE keyturn_owner.t_${i} (id)`);
  const engine = oracle();
  const { username, password } = server.administrator;
  const connection = await engine.connect(loginTo(server, username, password), limits());
  const rows = await connection.query('SELECT object_name FROM sys.dba_objects WHERE owner = :1', ['KEYTURN_OWNER']);
  await engine.close(connection);
  expect(rows.length).toBe(1_204);
  expect(new Set(rows.map(([name]) => name)).size).toBe(1_204);
});
