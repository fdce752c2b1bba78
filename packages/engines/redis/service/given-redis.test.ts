import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScenarios } from '@keyturn/engine-conformance/suite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redis } from '../src/index.ts';
import { fromUrl, type RunningRedis, startRedis } from './index.ts';

let server: RunningRedis;
let url = '';
const folder = mkdtemp(join(tmpdir(), 'keyturn-test-'));

beforeAll(async () => {
  server = await startRedis();
  const ca = join(await folder, 'ca.pem');
  await writeFile(ca, server.ca);
  const password = randomBytes(12).toString('hex');
  await server.command('ACL', 'SETUSER', 'owner', 'on', `>${password}`, '~*', '&*', '+@all');
  url = `redis://owner:${password}@localhost:${server.port}?ca=${encodeURIComponent(ca)}`;
});
afterAll(async () => {
  await server?.stop();
  await rm(await folder, { recursive: true });
});

test("the suite runs on somebody's own server, and leaves nothing behind", { timeout: 120_000 }, async () => {
  const before = await server.command('ACL', 'USERS');
  const results = await runScenarios(redis(), fromUrl(url), ['logins', 'passwords change', 'replica lag']);
  expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(results.filter(({ skipped }) => skipped === undefined)).toHaveLength(10);
  expect(await server.command('ACL', 'USERS')).toEqual(before);
});
