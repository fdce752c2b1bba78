import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScenarios } from '@keyturn/engine-conformance/suite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mongodb } from '../src/index.ts';
import { dialects, fromUrl, type RunningMongodb, startMongodb } from './index.ts';

let server: RunningMongodb;
let url = '';
const folder = mkdtemp(join(tmpdir(), 'keyturn-test-'));

beforeAll(async () => {
  server = await startMongodb(dialects.mongodb8);
  const ca = join(await folder, 'ca.pem');
  await writeFile(ca, server.ca);
  const password = randomBytes(12).toString('hex');
  await server.double.run('admin', { createUser: 'root', pwd: password, roles: ['root'] });
  url = `mongodb://root:${password}@localhost:${server.port}?ca=${encodeURIComponent(ca)}`;
});
afterAll(async () => {
  await server?.stop();
  await rm(await folder, { recursive: true });
});

const everything = () => {
  const { users, roles } = server.double.set.storeOf(0);
  return [...users.keys(), ...roles.keys()].sort();
};

test("the suite runs on somebody's own server, and leaves nothing behind", { timeout: 120_000 }, async () => {
  const before = everything();
  const results = await runScenarios(mongodb(), fromUrl(url), ['logins', 'passwords change', 'twins', 'replica lag']);
  expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(results.filter(({ skipped }) => skipped === undefined).length).toBeGreaterThan(8);
  expect(everything()).toEqual(before);
});
