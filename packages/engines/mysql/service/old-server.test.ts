import { runScenarios } from '@keyturn/engine-conformance/suite';
import { expect, test } from 'vitest';
import { mysql } from '../src/index.ts';
import { services } from './index.ts';

// What the double cannot prove of MySQL, its one real server does. All groups are in the deep search.
const groups = ['twins', 'rotations'];

test('a real 5.6: users, twins and whole rotations', { timeout: 120_000 }, async () => {
  const [service] = services;
  expect(service).toMatchObject({ version: '5.6' });
  expect(service?.kind).toBeUndefined();
  const results = service === undefined ? [] : await runScenarios(mysql(), service, groups);
  expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  const played = results.filter(({ skipped }) => skipped === undefined).map(({ name }) => name);
  for (const strategy of [
    'single user, changed by the user',
    'single user, changed by the master',
    'alternating users',
  ]) {
    expect(played).toContain(`rotations: ${strategy}: six rotations, and no login is refused`);
  }
  expect(played.filter((name) => name.startsWith('twins: ')).length).toBeGreaterThan(3);
});
