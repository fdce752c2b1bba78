import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority, type RunningService, readServiceUrl, recordSecret } from '@keyturn/engine-conformance';
import { runScenarios } from '@keyturn/engine-conformance/suite';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { oracle } from '../src/index.ts';
import { run } from './database/run.ts';
import type { Session } from './database/session.ts';
import { openSession } from './given-session.ts';
import { docker, fromUrl, type RunningOracle, startOracle } from './index.ts';

const newPassword = () => {
  const password = `Kt1${randomBytes(10).toString('hex')}`;
  recordSecret(password);
  return password;
};

/** Everything that stands in the double, whoever made it. */
const everything = ({ model }: RunningOracle) => [
  [...model.users.keys()].toSorted(),
  [...model.roles].toSorted(),
  [...model.profiles.keys()].toSorted(),
  model.objects.map(({ owner, type, name }) => `${owner} ${type} ${name}`),
  [...model.roleGrants.values()].flatMap((roles) => [...roles.keys()]).toSorted(),
  [...model.objectGrants],
];

const sessionOf = (user: string): Session => ({ user, isSys: false, currentSchema: user });

describe.each(['19c', '23ai'] as const)('%s', (release) => {
  let server: RunningOracle;
  let url = '';
  const folder = mkdtemp(join(tmpdir(), 'keyturn-test-'));

  beforeAll(async () => {
    server = await startOracle(release);
    const password = newPassword();
    server.sql(`CREATE USER owner IDENTIFIED BY "${password}"`);
    server.sql('GRANT DBA TO owner');
    const ca = join(await folder, 'ca.pem');
    await writeFile(ca, server.ca);
    url = `oracle://owner:${password}@localhost:${server.port}/keyturn?ca=${encodeURIComponent(ca)}`;
  });
  afterAll(async () => {
    await server?.stop();
    await rm(await folder, { recursive: true });
  });

  const start = async (): Promise<RunningService> => {
    const running = await fromUrl(url).start();
    onTestFinished(() => running.stop());
    return running;
  };

  test("the suite runs on somebody's own server, and leaves nothing behind", { timeout: 120_000 }, async () => {
    const before = everything(server);
    const groups = ['logins', 'passwords change', 'twins', 'replica lag'];
    const results = await runScenarios(oracle(), fromUrl(url), groups);
    expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
    expect(results.filter(({ skipped }) => skipped === undefined).length).toBeGreaterThan(8);
    expect(everything(server)).toEqual(before);
  });

  test('a user logs in with its password and with no other, and with the one that it changes it to', async () => {
    const running = await start();
    const [first, second] = [newPassword(), newPassword()];
    for (const username of ['app', '"Quoted one"', 'app-user']) {
      await running.createUser(username, first);
      expect(await running.logsIn(username, first)).toBe(true);
      expect(await running.logsIn(username, second)).toBe(false);
      const session = await openSession(readServiceUrl(url, 0), username, first);
      await session._impl.changePassword(
        `"${username === 'app' ? 'APP' : username.replaceAll('"', '')}"`,
        first,
        second,
      );
      await session.close();
      expect(await running.logsIn(username, first)).toBe(false);
      expect(await running.logsIn(username, second)).toBe(true);
    }
  });

  test('asking for wrong passwords locks nobody out', async () => {
    const running = await start();
    const password = newPassword();
    await running.createUser('app', password);
    const askTenTimes = async () => {
      for (let i = 0; i < 10; i += 1) expect(await running.hasPassword('app', 'wrong')).toBe(false);
    };
    await askTenTimes();
    expect(await running.hasPassword('app', password)).toBe(true);
    // The control: the profile that a user has otherwise.
    await running.execute('ALTER USER app PROFILE "DEFAULT"');
    await askTenTimes();
    expect(await running.hasPassword('app', password)).toBe(false);
  });

  test('each time that rights are given, they are others, and the dictionary tells them', async () => {
    const running = await start();
    await running.createUser('app', newPassword());
    const told = async () => (await running.rightsOf?.('app'))?.filter((line) => line.startsWith('dba_sys_privs'));
    const session = 'dba_sys_privs grantee CREATE SESSION, NO';
    expect(await told()).toEqual([session]);
    for (let i = 0; i < 2; i += 1) {
      await running.furnish?.('app');
      expect(await told()).toEqual([session, 'dba_sys_privs grantee CREATE TABLE, YES']);
      await running.furnish?.('app');
      expect(await told()).toEqual([session, 'dba_sys_privs grantee CREATE VIEW, NO']);
    }
  });

  test('a user that cannot be dropped is told, and keeps nothing else from being dropped', async () => {
    const before = everything(server);
    const running = await fromUrl(url).start();
    await running.createUser('app', newPassword());
    server.sql('REVOKE DROP USER FROM dba');
    await expect(running.stop()).rejects.toThrow(AggregateError);
    expect([...server.model.profiles.keys()]).toEqual(before[2]);
    expect(server.model.users.has('APP')).toBe(true);
    server.sql('GRANT DROP USER TO dba WITH ADMIN OPTION');
    await running.stop();
    expect(everything(server)).toEqual(before);
  });

  test('a server whose certificate another authority has signed is not logged in to', async () => {
    const other = join(await folder, 'other.pem');
    await writeFile(other, makeAuthority('Somebody else').certificate);
    const login = url.replace(/ca=.*$/, `ca=${encodeURIComponent(other)}`);
    await expect(fromUrl(login).start()).rejects.toThrow(/certificate/);
  });
});

test("the image's server is reached without TLS, as its administrator, in its pluggable database", async () => {
  const server = await startOracle('23ai', { tls: false });
  onTestFinished(() => server.stop());
  const { listener } = server;
  Object.assign(listener, { serviceNames: ['freepdb1'] });
  const password = newPassword();
  const settings = docker.settings({ password, certificate: makeAuthority('Containers').sign() });
  server.sql(`CREATE USER system IDENTIFIED BY "${settings.environment?.ORACLE_PASSWORD}"`);
  server.sql('GRANT DBA TO system');
  const service = fromUrl(docker.url({ host: 'localhost', port: server.port, password, ca: '/none' }));
  expect(service).toMatchObject({ given: true, speaksTls: false });
  const running = await service.start();
  expect(running.database).toBe('FREEPDB1');
  await running.createUser('app', 'taint-not-a-secret');
  expect(await running.logsIn('app', 'taint-not-a-secret')).toBe(true);
  await running.stop();
  expect(server.model.users.has('APP')).toBe(false);
});

test('the double drops profiles and users as the server does', async () => {
  const server = await startOracle('23ai', { tls: false });
  onTestFinished(() => server.stop());
  await server.createUser('app', newPassword());
  server.sql('CREATE PROFILE tried LIMIT FAILED_LOGIN_ATTEMPTS 3');
  server.sql('ALTER USER app PROFILE tried');
  for (const [statement, number] of [
    ['DROP PROFILE tried', 2382],
    ['DROP PROFILE "DEFAULT" CASCADE', 2381],
    ['DROP PROFILE nobodys CASCADE', 2380],
    ['DROP PROFILE tried CASCADE NOW', 933],
    ['DROP USER keyturn_owner', 1922],
  ] as const) {
    expect(() => server.sql(statement), statement).toThrow(`ORA-${String(number).padStart(5, '0')}`);
  }
  expect(() => run(server.model, sessionOf('APP'), 'DROP PROFILE tried CASCADE')).toThrow('ORA-01031');
  server.sql('DROP PROFILE tried CASCADE');
  expect(server.model.users.get('APP')?.profile).toBe('DEFAULT');
  expect(server.model.profiles.has('TRIED')).toBe(false);
});
