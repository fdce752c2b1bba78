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

test('every point is met once, in a first or in a later rotation', () => {
  const met = [...cases('first'), ...cases('later')].map(({ crash }) => crash.point);
  expect(met).toHaveLength(points.length);
  expect(new Set(met)).toEqual(new Set(points));
  expect(cases('first')).toHaveLength(points.length / 2);
});

test('each way to go on is met by a quarter of the crashes, of every kind and at both moments', () => {
  for (const rotation of ['first', 'later'] as const) {
    for (const { name } of recoveries) {
      const met = cases(rotation).filter(({ recovery }) => recovery.name === name);
      expect(met).toHaveLength(10);
      const kinds = met.map(({ crash }) => `${crash.kind} ${crash.point.moment}`);
      expect([...new Set(kinds)].sort()).toEqual(['dropped after', 'dropped before', 'killed after', 'killed before']);
    }
  }
});
