import { expect, test } from 'vitest';
import { dealt } from './dealt.ts';
import type { CrashPoint } from './points.ts';
import { recoveries } from './recoveries.ts';

/** Forty calls, each with its two moments. */
const points: readonly CrashPoint[] = Array.from({ length: 40 }, (_, i) => `call ${i}`).flatMap((name) => [
  { name, moment: 'before' as const },
  { name, moment: 'after' as const },
]);
const cases = (rotation: 'first' | 'later') => dealt(points, rotation);

test('every point is met once in each rotation, killed in one and dropped in the other', () => {
  expect(cases('first').map(({ crash }) => crash.point)).toEqual(points);
  const kinds = cases('first').map(({ crash }, i) => [crash.kind, cases('later')[i]?.crash.kind].sort());
  expect(kinds).toEqual(points.map(() => ['dropped', 'killed']));
});

test('each way to go on is met by a quarter of the crashes, of every kind and at both moments', () => {
  for (const rotation of ['first', 'later'] as const) {
    for (const { name } of recoveries) {
      const met = cases(rotation).filter(({ recovery }) => recovery.name === name);
      expect(met).toHaveLength(20);
      const kinds = met.map(({ crash }) => `${crash.kind} ${crash.point.moment}`);
      expect([...new Set(kinds)].sort()).toEqual(['dropped after', 'dropped before', 'killed after', 'killed before']);
    }
  }
});

test('a later rotation goes on in another way at each point', () => {
  const same = cases('first').filter(({ recovery }, i) => recovery === cases('later')[i]?.recovery);
  expect(same).toEqual([]);
});
