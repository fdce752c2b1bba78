import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RotationRules } from './rotation-rules.ts';
import { scheduleOf } from './schedule.ts';

const HOUR_MS = 60 * 60 * 1000;
const at = (text: string) => Date.parse(text);
const windowAfter = (rules: RotationRules, countedFrom: string, setAt = countedFrom) => {
  const window = scheduleOf(rules)?.({ countedFrom: at(countedFrom), setAt: at(setAt) });
  return window === undefined ? undefined : [new Date(window.opensAt), new Date(window.closesAt)];
};

describe('the next window', () => {
  it.each<[string, RotationRules, string, string]>([
    [
      'days begin at midnight and last the day',
      { AutomaticallyAfterDays: 10 },
      '2026-05-15T00:00Z',
      '2026-05-16T00:00Z',
    ],
    [
      'a Duration ends it earlier',
      { AutomaticallyAfterDays: 1, Duration: '3h' },
      '2026-05-06T00:00Z',
      '2026-05-06T03:00Z',
    ],
    ['rate in days is days', { ScheduleExpression: 'rate(10 days)' }, '2026-05-15T00:00Z', '2026-05-16T00:00Z'],
    [
      'rate in hours: from midnight, an hour long',
      { ScheduleExpression: 'rate(4 hours)' },
      '2026-05-05T08:00Z',
      '2026-05-05T09:00Z',
    ],
    [
      'rate in hours with a Duration',
      { ScheduleExpression: 'rate(6 hours)', Duration: '6h' },
      '2026-05-05T12:00Z',
      '2026-05-05T18:00Z',
    ],
    [
      'cron in days lasts until the day ends',
      { ScheduleExpression: 'cron(0 10 * * ? *)' },
      '2026-05-05T10:00Z',
      '2026-05-06T00:00Z',
    ],
    [
      'cron in hours lasts an hour',
      { ScheduleExpression: 'cron(0 2/10 * * ? *)' },
      '2026-05-05T12:00Z',
      '2026-05-05T13:00Z',
    ],
    [
      'cron with a Duration',
      { ScheduleExpression: 'cron(0 16 1 * ? *)', Duration: '8h' },
      '2026-06-01T16:00Z',
      '2026-06-02T00:00Z',
    ],
  ])('fact 27: %s', (_fact, rules, opens, closes) => {
    expect(windowAfter(rules, '2026-05-05T06:30:00Z')).toEqual([new Date(opens), new Date(closes)]);
  });

  it('fact 27: a rate in hours goes on over midnight, counted from the day on which it was set', () => {
    const rules = { ScheduleExpression: 'rate(5 hours)' };
    expect(windowAfter(rules, '2026-05-05T20:10:00Z', '2026-05-05T06:30:00Z')?.[0]).toEqual(
      new Date('2026-05-06T01:00Z'),
    );
    expect(windowAfter(rules, '2026-05-06T01:10:00Z', '2026-05-05T06:30:00Z')?.[0]).toEqual(
      new Date('2026-05-06T06:00Z'),
    );
  });

  it('fact 27: a window is inside one UTC day, and ends before the next one begins', () => {
    const rules = fc.oneof(
      fc.record({ AutomaticallyAfterDays: fc.integer({ min: 1, max: 1000 }) }),
      fc.record({ ScheduleExpression: fc.integer({ min: 1, max: 999 }).map((days) => `rate(${days} days)`) }),
      fc.record({ ScheduleExpression: fc.integer({ min: 4, max: 23 }).map((hours) => `rate(${hours} hours)`) }),
      fc.record({ ScheduleExpression: fc.integer({ min: 4, max: 23 }).map((hours) => `cron(0 0/${hours} * * ? *)`) }),
      fc.record({ ScheduleExpression: fc.integer({ min: 0, max: 23 }).map((hour) => `cron(0 ${hour} ? * MON#1 *)`) }),
    );
    const now = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2032, 0) });
    fc.assert(
      fc.property(rules, now, fc.option(fc.integer({ min: 1, max: 24 }), { nil: undefined }), (each, from, hours) => {
        const withDuration = hours === undefined ? each : { ...each, Duration: `${hours}h` };
        const schedule = accepted(withDuration);
        if (schedule === undefined) return;
        const window = schedule({ countedFrom: from, setAt: from });
        expect(window.opensAt).toBeGreaterThan(from);
        expect(window.opensAt % HOUR_MS).toBe(0);
        expect(new Date(window.closesAt - 1).getUTCDate()).toBe(new Date(window.opensAt).getUTCDate());
        const next = schedule({ countedFrom: window.closesAt - 1, setAt: from });
        expect(next.opensAt).toBeGreaterThanOrEqual(window.closesAt);
      }),
      { numRuns: 2000 },
    );
  });
});

function accepted(rules: RotationRules) {
  try {
    return scheduleOf(rules);
  } catch {
    return undefined; // Refused: there is no window to look at.
  }
}

const invalid = 'Invalid schedule expression.';
it.each<[RotationRules, string]>([
  [
    { AutomaticallyAfterDays: 1, ScheduleExpression: 'rate(1 day)' },
    'You cannot specify both rotation frequency and schedule expression together.',
  ],
  [{ ScheduleExpression: 'rate(3 hours)' }, 'Rate in hour should be least 4 and less than 24.'],
  [{ ScheduleExpression: 'rate(24 hours)' }, 'Rate in hour should be least 4 and less than 24.'],
  [{ ScheduleExpression: 'rate(0 days)' }, 'Rate in day should be greater than 0 and less than 1000.'],
  [{ ScheduleExpression: 'rate(1000 days)' }, 'Rate in day should be greater than 0 and less than 1000.'],
  [{ ScheduleExpression: 'rate(90 minutes)' }, invalid],
  [{ ScheduleExpression: 'rate(1 week)' }, invalid],
  [{ ScheduleExpression: 'rate(4hours)' }, invalid],
  [{ ScheduleExpression: 'cron(30 10 * * ? *)' }, invalid],
  [{ ScheduleExpression: 'cron(0 10 * * ? 2026)' }, invalid],
  [{ ScheduleExpression: 'cron(0 * * * ? *)' }, invalid],
  [{ ScheduleExpression: 'cron(0 8,11 * * ? *)' }, invalid],
  [{ ScheduleExpression: 'cron(0 8-20 * * ? *)' }, invalid],
  [{ ScheduleExpression: 'cron(0 0 31 2 ? *)' }, invalid],
  [{ ScheduleExpression: 'tomorrow' }, invalid],
  [{ AutomaticallyAfterDays: 1, Duration: '0h' }, 'Duration must be at least 1 hour, at most 24 hour.'],
  [{ AutomaticallyAfterDays: 1, Duration: '25h' }, 'Duration must be at least 1 hour, at most 24 hour.'],
  [{ ScheduleExpression: 'rate(4 hours)', Duration: '5h' }, 'Duration cannot be greater than Rate in hour.'],
  [{ ScheduleExpression: 'cron(0 0/6 * * ? *)', Duration: '7h' }, 'Starting hour and duration must be within a day.'],
  [{ ScheduleExpression: 'cron(0 0,6 * * ? *)', Duration: '7h' }, 'Duration cannot be greater than Rate in hour.'],
  [{ ScheduleExpression: 'cron(0 22 * * ? *)', Duration: '3h' }, 'Starting hour and duration must be within a day.'],
])('fact 27: %o is refused: %s', (rules, message) => {
  expect(() => scheduleOf(rules)).toThrow(expect.objectContaining({ name: 'ScheduleError', message }));
});
