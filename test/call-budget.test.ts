import { alternatingUsers } from '@keyturn/core';
import { roundTrips } from '@keyturn/engine-conformance';
import type { CallEntry } from '@keyturn/local-secrets-manager';
import { describe, expect, test } from 'vitest';
import { type BenchOptions, RotationBench } from './rotation-bench.ts';

async function callsOf(options: BenchOptions, rotationsBefore = 0) {
  const bench = await RotationBench.make({
    ...options,
    // Long enough for parallel calls to be told from calls one after another.
    onCall: ({ moment }) => (moment === 'before' ? { action: 'delay', ms: 20 } : { action: 'pass' }),
  });
  for (let before = 0; before < rotationsBefore; before += 1) {
    await bench.rotate();
    await bench.begin();
  }
  bench.restart();
  bench.database.log.length = 0;
  const byStep: Record<string, string[]> = {};
  const all: CallEntry[] = [];
  for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
    const from = bench.manager.timeline.entries.length;
    await bench.step(step);
    const calls = bench.manager.timeline.entries
      .slice(from)
      .filter((entry): entry is CallEntry => entry.kind === 'call' && 'caller' in entry && entry.caller === 'function');
    byStep[step] = calls.map(({ operation }) => operation).sort();
    all.push(...calls);
  }
  return { byStep, all, logins: bench.database.log };
}

describe('a rotation makes no more calls than the budget allows', () => {
  test('the user changes its own password: 8 calls, 6 round trips, 2 logins, none refused', async () => {
    const { byStep, all, logins } = await callsOf({ changedBy: 'user' });
    expect(byStep).toEqual({
      createSecret: ['DescribeSecret', 'GetSecretValue', 'PutSecretValue'],
      setSecret: ['GetSecretValue', 'GetSecretValue'],
      testSecret: ['GetSecretValue'],
      finishSecret: ['DescribeSecret', 'UpdateSecretVersionStage'],
    });
    expect(all).toHaveLength(8);
    expect(roundTrips(all)).toBe(6);
    expect(logins).toEqual(['connect app', 'change app', 'connect app', 'ping app']);
  });

  test('the master resets it: 9 calls, 7 round trips, 3 logins, none refused', async () => {
    const { byStep, all, logins } = await callsOf({ changedBy: 'master' });
    expect(byStep.setSecret).toEqual(['GetSecretValue', 'GetSecretValue', 'GetSecretValue']);
    expect(all).toHaveLength(9);
    expect(roundTrips(all)).toBe(7);
    expect(logins).toEqual(['connect app', 'connect master', 'reset app', 'connect app', 'ping app']);
  });

  test.each([0, 1, 2])(
    'alternating users: 9 calls, 6 round trips, 3 logins, none refused; after %i rotations',
    async (before) => {
      const strategy: BenchOptions['strategy'] = (database) => alternatingUsers(database.engine());
      const { byStep, all, logins } = await callsOf({ strategy }, before);
      expect(byStep).toEqual({
        createSecret: ['DescribeSecret', 'GetSecretValue', 'PutSecretValue'],
        setSecret: ['GetSecretValue', 'GetSecretValue', 'GetSecretValue'],
        testSecret: ['GetSecretValue'],
        finishSecret: ['DescribeSecret', 'UpdateSecretVersionStage'],
      });
      expect(all).toHaveLength(9);
      expect(roundTrips(all)).toBe(6);
      expect(all.map(({ outcome }) => outcome)).toEqual(all.map(() => 'ok'));
      const [current, next] = before % 2 === 0 ? ['app', 'app_clone'] : ['app_clone', 'app'];
      expect(logins.filter((entry) => /^(connect|refuse)/.test(entry))).toEqual([
        `connect ${current}`,
        'connect master',
        `connect ${next}`,
      ]);
    },
  );

  test('every call succeeds: none is made to see it fail', async () => {
    for (const changedBy of ['user', 'master'] as const) {
      const { all } = await callsOf({ changedBy });
      expect(all.map(({ outcome }) => outcome)).toEqual(all.map(() => 'ok'));
    }
  });
});
