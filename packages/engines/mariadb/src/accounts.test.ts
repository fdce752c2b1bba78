import { Password } from '@keyturn/core';
import { failureOf, limits, loginTo } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningMariadb, startMariadb } from '../service/index.ts';
import { testUser } from '../service/test-user.ts';
import { mariadb } from './index.ts';

const engine = mariadb();
let server: RunningMariadb;
const user = testUser(() => server);

beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.stop());

test('the master sets the password of every account of the user, and of nobody else', async () => {
  const native = "IDENTIFIED BY 'first'";
  await user.make({
    '%': native,
    '10.%': native,
    'db.example.com': native,
    '::1': native,
    '192.168.0.0/255.255.0.0': native,
  });
  await server.execute("CREATE OR REPLACE USER 'App'@'%' IDENTIFIED BY 'first'");
  await server.execute("CREATE OR REPLACE USER 'app_role2'@'%' IDENTIFIED BY 'first'");
  await user.reset('second');
  expect(await server.hasPassword('app', 'second')).toBe(true);
  expect(await server.hasPassword('App', 'first')).toBe(true);
  expect(await server.hasPassword('app_role2', 'first')).toBe(true);
});

test('the master sets them all in one request', async () => {
  await user.make({ '%': "IDENTIFIED BY 'first'", '10.%': "IDENTIFIED BY 'first'" });
  const requests = (start: string) => server.log().split(`Query\t${start}`).length - 1;
  const before = [requests('BEGIN NOT ATOMIC'), requests('SET PASSWORD')];
  await user.reset('second');
  expect([requests('BEGIN NOT ATOMIC'), requests('SET PASSWORD')]).toEqual([(before[0] ?? 0) + 1, before[1]]);
});

test('the master leaves a locked account locked', async () => {
  await user.make({ '%': "IDENTIFIED BY 'first' ACCOUNT LOCK" });
  const before = await user.account('%', 'first');
  await user.reset('second');
  expect(await user.account('%', 'second')).toBe(before);
  expect(before).toContain('ACCOUNT LOCK');
});

test('the master leaves an account without a password alone', async () => {
  await user.make({ '%': "IDENTIFIED BY 'first'", localhost: 'IDENTIFIED VIA unix_socket' });
  const before = await user.account('localhost');
  await user.reset('second');
  expect(await user.account('localhost')).toBe(before);
  expect(await server.logsIn('app', 'second')).toBe(true);
});

test('the master gives up, before it changes anything, when an account keeps its password in another format', async () => {
  for (const other of [
    "IDENTIFIED VIA ed25519 USING PASSWORD('first')",
    "IDENTIFIED VIA ed25519 USING PASSWORD('first') OR mysql_native_password USING PASSWORD('first')",
  ]) {
    await user.make({ '%': "IDENTIFIED BY 'first'", 'z.example.com': other });
    const failure = await failureOf(user.reset('second'));
    expect(failure.code).toBe('auth-method-unsupported');
    expect(failure.message).toContain('"ed25519"');
    expect(failure.message).toContain('"z.example.com"');
    expect(await server.logsIn('app', 'first')).toBe(true);
  }
});

test('the master gives up when no account has a password', async () => {
  await user.make({ '%': 'IDENTIFIED VIA unix_socket' });
  const failure = await failureOf(user.reset('second'));
  expect(failure.code).toBe('auth-method-unsupported');
  expect(failure.message).toContain('"unix_socket"');
});

test.each([['nobody'], ['app ']])('the master says that there is no user %j', async (name) => {
  await user.make({ '%': "IDENTIFIED BY 'first'" });
  const failure = await failureOf(
    user.asMaster((master) => engine.admin?.resetPassword(master, name, new Password('second')) ?? Promise.reject()),
  );
  expect(failure.code).toBe('invalid-secret');
  expect(await server.logsIn('app', 'first')).toBe(true);
});

test('the master says that there is no user where there is only a role of that name', async () => {
  await user.make({});
  await server.execute('CREATE OR REPLACE ROLE only_role');
  const work = user.asMaster(
    (master) => engine.admin?.resetPassword(master, 'only_role', new Password('x')) ?? Promise.reject(),
  );
  expect(await failureOf(work)).toMatchObject({ code: 'invalid-secret' });
});

test('the master names the GRANT that it lacks; with it, it works', async () => {
  await user.make({ '%': "IDENTIFIED BY 'first'" });
  const name = 'mas`ter';
  await server.execute("CREATE OR REPLACE USER 'mas`ter'@'%' IDENTIFIED BY 'first'");
  await server.execute("GRANT CREATE USER, PROCESS, RELOAD ON *.* TO 'mas`ter'@'%'");
  const resetBy = async () => {
    const master = await engine.connect(loginTo(server, name, 'first'), limits());
    await engine.admin?.resetPassword(master, 'app', new Password('second')).finally(() => engine.close(master));
  };
  const first = await failureOf(resetBy());
  expect(first).toMatchObject({ code: 'missing-privilege', driverCode: 'ER_TABLEACCESS_DENIED_ERROR', user: name });
  await server.execute("GRANT SELECT ON mysql.* TO 'mas`ter'@'%'");
  const second = await failureOf(resetBy());
  expect(second).toMatchObject({ code: 'missing-privilege', driverCode: 'ER_DBACCESS_DENIED_ERROR' });
  const grant = /GRANT .*;/.exec(second.remedy)?.[0] ?? '';
  expect(grant).toBe('GRANT SELECT, UPDATE ON mysql.* TO `mas``ter`@`%`;');
  expect(first.remedy).toBe(second.remedy);
  await server.execute(grant);
  await resetBy();
  expect(await server.logsIn('app', 'second')).toBe(true);
});

test('the master sets the password of a user who has a role of the same name', async () => {
  await user.make({ '%': "IDENTIFIED BY 'first'" });
  await server.execute('CREATE ROLE app');
  await user.reset('second').finally(() => server.execute('DROP ROLE app'));
  expect(await server.logsIn('app', 'second')).toBe(true);
});
