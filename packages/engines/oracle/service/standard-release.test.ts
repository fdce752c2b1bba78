import { runScenarios } from '@keyturn/engine-conformance/suite';
import { expect, test } from 'vitest';
import { oracle } from '../src/index.ts';
import { services } from './index.ts';

// As the engine comes, with passwords of 30 bytes at most. All groups are in the deep search.
test('19c: whole rotations of every strategy', { timeout: 120_000 }, async () => {
  const [service] = services;
  expect(service).toMatchObject({ version: '19c' });
  const results = service === undefined ? [] : await runScenarios(oracle(), service, ['rotations']);
  expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(results.filter(({ skipped }) => skipped === undefined).length).toBe(6);
});
