import { runScenarios } from '@keyturn/engine-conformance/suite';
import { expect, test } from 'vitest';
import { mongodb } from '../src/index.ts';
import { documentdbServices } from './index.ts';

// What DocumentDB takes otherwise: users, their rights, and whole rotations. All groups are in the deep search.
const groups = ['twins', 'rotations'];

test('DocumentDB: users, twins and whole rotations are as on every other server', { timeout: 120_000 }, async () => {
  const [service] = documentdbServices;
  if (service === undefined) throw new Error('there is no double of DocumentDB');
  const results = await runScenarios(mongodb({ server: 'documentdb' }), service, groups);
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
