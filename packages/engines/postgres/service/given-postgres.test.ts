import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScenarios } from '@keyturn/engine-conformance/suite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgres } from '../src/index.ts';
import { fromUrl, type RunningPostgres, startPostgres } from './index.ts';

let server: RunningPostgres;
let url = '';
const folder = mkdtemp(join(tmpdir(), 'keyturn-test-'));

beforeAll(async () => {
  server = await startPostgres('18');
  const ca = join(await folder, 'ca.pem');
  await writeFile(ca, server.ca);
  const { username, password } = server.superuser;
  url = `postgres://${username}:${encodeURIComponent(password)}@localhost:${server.port}?ca=${encodeURIComponent(ca)}`;
});
afterAll(async () => {
  await server?.stop();
  await rm(await folder, { recursive: true });
});

/** Roles and databases, which are all that is not in a database. */
const everything = async () =>
  (
    await server.execute('SELECT rolname AS name FROM pg_roles UNION SELECT datname FROM pg_database ORDER BY name')
  ).map(({ name }) => name);

test("the suite runs on somebody's own server, and leaves nothing behind", { timeout: 120_000 }, async () => {
  await server.createUser(`bystander_${randomBytes(4).toString('hex')}`, randomBytes(12).toString('hex'));
  const before = await everything();
  const results = await runScenarios(postgres(), fromUrl(url), ['logins', 'passwords change', 'twins', 'replica lag']);
  expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(results.filter(({ skipped }) => skipped === undefined).length).toBeGreaterThan(8);
  expect(results.filter(({ name }) => name.startsWith('replica lag')).map(({ skipped }) => skipped)).toEqual([
    "a server of somebody's own is one server: it has no replica here",
    "a server of somebody's own is one server: it has no replica here",
  ]);
  expect(await everything()).toEqual(before);
});
