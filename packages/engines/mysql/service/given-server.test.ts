import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority, recordSecret } from '@keyturn/engine-conformance';
import { runScenarios } from '@keyturn/engine-conformance/suite';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { mysql } from '../src/index.ts';
import { docker, fromUrl, type RunningDouble, startDouble } from './index.ts';

const folder = mkdtemp(join(tmpdir(), 'keyturn-test-'));
afterAll(async () => rm(await folder, { recursive: true }));

/** A double with an administrator as the vendor's image has one, and its URL. */
async function owned(version: string): Promise<{ readonly server: RunningDouble; readonly url: string }> {
  const server = await startDouble(version);
  onTestFinished(() => server.stop());
  const password = `Kt1-${randomBytes(12).toString('hex')}`;
  recordSecret(password);
  const ca = join(await folder, `${version}.pem`);
  await writeFile(ca, server.ca);
  await server.execute(`CREATE USER root@'%' IDENTIFIED BY '${password}'`);
  await server.execute("GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION");
  if (server.model.version.hasRoles) {
    await server.execute(
      "GRANT APPLICATION_PASSWORD_ADMIN, CONNECTION_ADMIN, ROLE_ADMIN, SESSION_VARIABLES_ADMIN ON *.* TO root@'%' WITH GRANT OPTION",
    );
  }
  return { server, url: docker.url({ host: 'localhost', port: server.port, password, ca }) };
}

const everything = ({ model }: RunningDouble) => [
  model.accounts.map(({ user, host }) => `${user}@${host}`).sort(),
  [...model.objects.databases].sort(),
];

test("the suite runs on somebody's own server, and leaves nothing behind", { timeout: 120_000 }, async () => {
  const { server, url } = await owned('8.4.5');
  const before = everything(server);
  const groups = ['logins', 'twins', 'replica lag'];
  const results = await runScenarios(mysql({ overlap: true }), fromUrl(url), groups);
  expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(results.filter(({ skipped }) => skipped === undefined).length).toBeGreaterThan(6);
  expect(results.filter(({ name }) => name.startsWith('twins')).map(({ skipped }) => skipped)).not.toContainEqual(
    expect.anything(),
  );
  expect(everything(server)).toEqual(before);
});

describe.each(['5.7.44', '8.4.5'])('%s', (version) => {
  test('furnish gives rights, others every time, that the server itself shows', async () => {
    const { server, url } = await owned(version);
    const running = await fromUrl(url).start();
    await running.createUser('app', 'taint-not-a-secret');
    const seen: (readonly string[])[] = [];
    for (const _turn of [0, 1, 2]) {
      await running.furnish?.('app');
      seen.push((await server.rightsOf?.('app')) ?? []);
      expect(await running.rightsOf?.('app')).toEqual(seen.at(-1));
    }
    expect(seen[1]).not.toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    await running.stop();
    expect(await server.rightsOf?.('app')).toEqual([]);
  });
});

test("the container gets the files that its command names, and is ready at the second start's line", () => {
  const certificate = makeAuthority('Keyturn test').sign();
  const { environment, command = [], files = [] } = docker.settings({ password: 'a/b@c:1', certificate });
  expect(environment).toEqual({ MYSQL_ROOT_PASSWORD: 'a/b@c:1' });
  expect(command.map((option) => option.split('=')[1])).toEqual(files.map(({ target }) => target));
  expect(files.map(({ content }) => content)).toEqual([certificate.certificate, certificate.key]);
  const line = (port: number) =>
    `/usr/sbin/mysqld: ready for connections. Version: '8.4.5'  socket: '/var/run/mysqld/mysqld.sock'  port: ${port}  MySQL Community Server - GPL.`;
  expect(docker.readyWhen.test(line(3306))).toBe(true);
  expect(docker.readyWhen.test(line(0))).toBe(false);
  expect(docker.readyWhen.test("X Plugin ready for connections. Bind-address: '::' port: 33060")).toBe(false);
});
