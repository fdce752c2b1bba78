import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Password, withConnection } from '@keyturn/core';
import { makeAuthority, recordSecret } from '@keyturn/engine-conformance';
import { runScenarios } from '@keyturn/engine-conformance/suite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlserver } from '../src/index.ts';
import { docker, fromUrl, type RunningSqlServer, startSqlServer } from './index.ts';
import { hashPassword } from './model/password-hash.ts';
import { limits, loginTo } from './test-login.ts';
import { wholeState } from './test-twins.ts';

let server: RunningSqlServer;
let url = '';
const folder = mkdtemp(join(tmpdir(), 'keyturn-test-'));

beforeAll(async () => {
  server = await startSqlServer();
  const ca = join(await folder, 'ca.pem');
  await writeFile(ca, server.ca);
  const { username, password } = server.superuser;
  recordSecret(password);
  url = `sqlserver://${username}:${encodeURIComponent(password)}@localhost:${server.port}/app?ca=${encodeURIComponent(ca)}`;
});
afterAll(async () => {
  await server?.stop();
  await rm(await folder, { recursive: true });
});

function newPassword(): string {
  const password = `Aa1${randomBytes(11).toString('hex')}`;
  recordSecret(password);
  return password;
}

const groups = ['logins', 'passwords change', 'causes of failure', 'twins', 'replica lag'];

test("the suite runs on somebody's own server, and leaves nothing behind", { timeout: 120_000 }, async () => {
  const bystander = `bystander_${randomBytes(4).toString('hex')}`;
  await server.createUser(bystander, newPassword());
  const before = wholeState(server);
  const results = await runScenarios(sqlserver(), fromUrl(url), groups);
  expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(results.filter(({ skipped }) => skipped === undefined).length).toBeGreaterThan(8);
  expect(results.filter(({ name }) => name.startsWith('twins')).map(({ skipped }) => skipped)).not.toContainEqual(
    expect.anything(),
  );
  expect(results.filter(({ name }) => name.startsWith('replica lag')).map(({ skipped }) => skipped)).toEqual([
    "a server of somebody's own is one server: it has no replica here",
    "a server of somebody's own is one server: it has no replica here",
  ]);
  expect(wholeState(server)).toBe(before);
});

test('a user logs in with its first password and no other, changes it itself, and is gone after stop', async () => {
  const before = wholeState(server);
  const running = await fromUrl(url).start();
  const [name, first, next] = [`own]'_${randomBytes(4).toString('hex')}`, newPassword(), newPassword()];
  await running.createUser(name, first);
  expect(wholeState(server)).not.toBe(before);
  expect([await running.logsIn(name, first), await running.logsIn(name, next)]).toEqual([true, false]);
  expect([await running.hasPassword(name, first), await running.hasPassword(name, next)]).toEqual([true, false]);
  const engine = sqlserver();
  await withConnection(engine, loginTo(running, name, first), limits(), (connection) =>
    engine.changeOwnPassword(connection, new Password(next), new Password(first)),
  );
  expect([await running.logsIn(name, first), await running.logsIn(name, next)]).toEqual([false, true]);
  expect([await running.hasPassword(name, first), await running.hasPassword(name, next)]).toEqual([false, true]);
  const statements = server.parts.batches.filter(({ login }) => login === 'sa').map(({ sql }) => sql);
  expect(statements.some((sql) => sql.includes(' HASHED'))).toBe(true);
  expect(statements.filter((sql) => sql.includes(first) || sql.includes(next))).toEqual([]);
  await running.stop();
  expect(wholeState(server)).toBe(before);
  expect(await running.hasPassword(name, next)).toBe(false);
});

test('furnish gives rights, others every time, that the catalogue shows as the server itself does', async () => {
  const running = await fromUrl(url).start();
  const name = `rights_${randomBytes(4).toString('hex')}`;
  await running.createUser(name, newPassword());
  const plain = await running.rightsOf?.(name);
  await running.furnish?.(name);
  const [first, own] = [await running.rightsOf?.(name), await server.rightsOf(name)];
  expect(plain).not.toEqual(first);
  expect(first).toContain('role ["db_datareader"]');
  expect(own).toContain('in app: role db_datareader');
  await running.furnish?.(name);
  expect(await running.rightsOf?.(name)).not.toEqual(first);
  await running.stop();
  expect(await running.rightsOf?.(name)).toEqual([]);
});

test('an administrator who may not read hashes is told so', async () => {
  const { username, password } = server.administrator;
  recordSecret(password);
  const [, query = ''] = url.split('?');
  const poor = `sqlserver://${encodeURIComponent(username)}:${encodeURIComponent(password)}@localhost:${server.port}/app?${query}`;
  const running = await fromUrl(poor).start();
  await expect(running.hasPassword('sa', server.superuser.password)).rejects.toThrow('it needs sysadmin');
  // Control: whoever may, learns it.
  const rich = await fromUrl(url).start();
  expect(await rich.hasPassword('sa', server.superuser.password)).toBe(true);
});

test('the double takes a hash as the server does: without the policy alone, and in its form alone', async () => {
  const hash = hashPassword(newPassword());
  const create = (rest: string) => server.execute(`CREATE LOGIN hashed WITH PASSWORD = ${rest}`);
  await expect(create(`${hash} HASHED`)).rejects.toThrow('Msg 15118');
  await expect(create(`${hash.slice(0, -2)} HASHED, CHECK_POLICY = OFF`)).rejects.toThrow('Msg 15021');
  await expect(create(`${hash}, CHECK_POLICY = OFF`)).rejects.toThrow('Msg 102');
  await create(`${hash} HASHED, CHECK_POLICY = OFF`);
  await expect(server.execute(`ALTER LOGIN hashed WITH PASSWORD = ${hash} HASHED`)).rejects.toThrow('Msg 102');
  await server.execute('DROP LOGIN hashed');
});

test("the container's URL is one that fromUrl reads, and its settings name the files that it gets", async () => {
  const ca = join(await folder, 'ca.pem');
  const service = fromUrl(docker.url({ host: 'localhost', port: 14_330, password: 'a/b@c:1', ca }));
  expect(await service.start()).toMatchObject({
    host: 'localhost',
    port: 14_330,
    ca: server.ca,
    database: 'master',
    administrator: { username: 'sa', password: 'a/b@c:1' },
  });
  const certificate = makeAuthority('Keyturn test').sign();
  const { environment, files = [] } = docker.settings({ password: 'a/b@c:1', certificate });
  expect(environment).toEqual({ ACCEPT_EULA: 'Y', MSSQL_PID: 'Developer', MSSQL_SA_PASSWORD: 'a/b@c:1' });
  const [configuration, ...pem] = files;
  expect(configuration?.target).toBe('/var/opt/mssql/mssql.conf');
  const named = [...(configuration?.content ?? '').matchAll(/^tls(?:cert|key) = (.*)$/gm)].map(([, path]) => path);
  expect(named).toEqual(pem.map(({ target }) => target));
  expect(pem.map(({ content }) => content)).toEqual([certificate.certificate, certificate.key]);
});
