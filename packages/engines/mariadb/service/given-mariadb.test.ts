import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScenarios } from '@keyturn/engine-conformance/suite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mariadb } from '../src/index.ts';
import { fromUrl, type RunningMariadb, startMariadb } from './index.ts';

let server: RunningMariadb;
let url = '';
const folder = mkdtemp(join(tmpdir(), 'keyturn-test-'));

beforeAll(async () => {
  server = await startMariadb();
  const ca = join(await folder, 'ca.pem');
  await writeFile(ca, server.ca);
  const password = randomBytes(12).toString('hex');
  await server.execute(`CREATE USER owner@'%' IDENTIFIED BY '${password}'`);
  await server.execute("GRANT ALL ON *.* TO owner@'%' WITH GRANT OPTION");
  url = `mariadb://owner:${password}@localhost:${server.port}?ca=${encodeURIComponent(ca)}`;
});
afterAll(async () => {
  await server?.stop();
  await rm(await folder, { recursive: true });
});

const everything = async () => [
  await server.execute('SELECT User, Host FROM mysql.global_priv ORDER BY User, Host'),
  await server.execute('SHOW DATABASES'),
];

test("the suite runs on somebody's own server, and leaves nothing behind", { timeout: 120_000 }, async () => {
  const before = await everything();
  const results = await runScenarios(mariadb(), fromUrl(url), ['logins', 'passwords change', 'twins', 'replica lag']);
  expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(results.filter(({ skipped }) => skipped === undefined).length).toBeGreaterThan(8);
  expect(await everything()).toEqual(before);
});
