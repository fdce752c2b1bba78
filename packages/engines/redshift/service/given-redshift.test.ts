import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScenarios } from '@keyturn/engine-conformance/suite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redshift } from '../src/index.ts';
import { fromUrl, type RunningRedshift, startRedshift } from './index.ts';

let server: RunningRedshift;
let url = '';
const folder = mkdtemp(join(tmpdir(), 'keyturn-test-'));

beforeAll(async () => {
  server = await startRedshift();
  const ca = join(await folder, 'ca.pem');
  await writeFile(ca, server.ca);
  const [name, password] = [server.administrator.username, server.administrator.password].map(encodeURIComponent);
  url = `redshift://${name}:${password}@localhost:${server.port}/dev?ca=${encodeURIComponent(ca)}`;
});
afterAll(async () => {
  await server?.stop();
  await rm(await folder, { recursive: true });
});

const everything = async () => [
  await server.execute('SELECT usename FROM pg_catalog.pg_user ORDER BY usename'),
  await server.execute('SELECT groname FROM pg_catalog.pg_group ORDER BY groname'),
  await server.execute('SELECT nspname FROM pg_catalog.pg_namespace ORDER BY nspname'),
];

test("the suite runs on somebody's own cluster, and leaves nothing behind", { timeout: 120_000 }, async () => {
  const before = await everything();
  const groups = ['logins', 'twins', 'replica lag'];
  const results = await runScenarios(redshift(), fromUrl(url), groups);
  expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(results.filter(({ skipped }) => skipped === undefined).length).toBeGreaterThan(6);
  expect(results.filter(({ name }) => name.startsWith('twins')).map(({ skipped }) => skipped)).not.toContainEqual(
    expect.anything(),
  );
  expect(await everything()).toEqual(before);
});

test('furnish gives rights, others every time, that the reading of the PostgreSQL below shows, too', async () => {
  const running = await fromUrl(url).start();
  const user = `it's "own" \\`;
  await running.createUser(user, 'taint-Not-a-secret-1');
  const seen: [readonly string[] | undefined, readonly string[]][] = [];
  for (const _turn of [0, 1, 2]) {
    await running.furnish?.(user);
    seen.push([await running.rightsOf?.(user), await server.rightsOf(user)]);
  }
  expect(seen[1]).not.toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  expect(seen[0]?.[0]).toContain('may INSERT on the table');
  expect(seen[0]?.[1].join('\n')).toContain('INSERT ON');
  expect(await running.logsIn(user, 'taint-Not-a-secret-1')).toBe(true);
  expect(await running.hasPassword(user, 'taint-Another-one-1')).toBe(false);
  await running.stop();
  expect(await server.rightsOf(user)).toEqual([]);
});
