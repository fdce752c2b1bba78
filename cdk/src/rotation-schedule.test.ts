import { Duration } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { RotationSchedule } from './rotation-schedule.ts';

const hours = (window: number) => ({ window: Duration.hours(window) });

test.each([
  ['days', RotationSchedule.days(30), { AutomaticallyAfterDays: 30 }],
  ['days with a window', RotationSchedule.days(1, hours(3)), { AutomaticallyAfterDays: 1, Duration: '3h' }],
  ['a rate in hours', RotationSchedule.rate(Duration.hours(4)), { ScheduleExpression: 'rate(4 hours)' }],
  ['a rate of a day', RotationSchedule.rate(Duration.hours(24)), { ScheduleExpression: 'rate(1 day)' }],
  [
    'a rate in days',
    RotationSchedule.rate(Duration.days(10), hours(2)),
    { ScheduleExpression: 'rate(10 days)', Duration: '2h' },
  ],
  ['every day', RotationSchedule.cron({ hour: '10' }), { ScheduleExpression: 'cron(0 10 * * ? *)' }],
  [
    'a day of the week',
    RotationSchedule.cron({ hour: '3', weekDay: 'SUN#1', ...hours(2) }),
    { ScheduleExpression: 'cron(0 3 ? * SUN#1 *)', Duration: '2h' },
  ],
  [
    'days of some months',
    RotationSchedule.cron({ hour: '0/8', day: 'L', month: '1/3' }),
    { ScheduleExpression: 'cron(0 0/8 L 1/3 ? *)' },
  ],
  ['an expression', RotationSchedule.expression('cron(0 8 1 * ? *)'), { ScheduleExpression: 'cron(0 8 1 * ? *)' }],
])('%s', (_what, schedule, rules) => {
  expect(schedule.rules).toEqual(rules);
});

describe('what the service would refuse is an error at synth, with the service’s words and a remedy', () => {
  test.each<[string, () => unknown, string]>([
    ['0 days', () => RotationSchedule.days(0), '0 days: Secrets Manager takes 1 to 1000.'],
    ['1001 days', () => RotationSchedule.days(1001), '1001 days: Secrets Manager takes 1 to 1000.'],
    ['half a day', () => RotationSchedule.days(1.5), '1.5 days: Secrets Manager takes 1 to 1000.'],
    [
      'three hours',
      () => RotationSchedule.rate(Duration.hours(3)),
      'the schedule rate(3 hours): Rate in hour should be least 4',
    ],
    [
      'ninety minutes',
      () => RotationSchedule.rate(Duration.minutes(90)),
      'the schedule rate(1.5 hours): Invalid schedule expression.',
    ],
    [
      'a rate of years',
      () => RotationSchedule.rate(Duration.days(1000)),
      'Rate in day should be greater than 0 and less than 1000.',
    ],
    [
      'a minute',
      () => RotationSchedule.expression('cron(30 3 * * ? *)'),
      'It takes rate(4 hours) to rate(999 days), and cron(0 hour',
    ],
    ['a year', () => RotationSchedule.expression('cron(0 3 * * ? 2026)'), 'Invalid schedule expression.'],
    ['cron of five fields', () => RotationSchedule.expression('0 3 * * *'), 'Invalid schedule expression.'],
    ['hours too near', () => RotationSchedule.cron({ hour: '8,11' }), 'Invalid schedule expression.'],
    [
      'a day that never is',
      () => RotationSchedule.cron({ hour: '8', day: '31', month: '2' }),
      'Invalid schedule expression.',
    ],
    [
      'both kinds of days',
      () => RotationSchedule.cron({ hour: '8', day: '1', weekDay: 'SUN' }),
      'cron: day or weekDay, not both.',
    ],
    [
      'a window over midnight',
      () => RotationSchedule.cron({ hour: '23', ...hours(2) }),
      'with a window of 2 h: Starting hour and duration must be within a day.',
    ],
    [
      'a window of half an hour',
      () => RotationSchedule.days(1, { window: Duration.minutes(30) }),
      'window: whole hours',
    ],
    [
      'a window of two days',
      () => RotationSchedule.days(1, hours(48)),
      'Duration must be at least 1 hour, at most 24 hour.',
    ],
  ])('%s', (_what, make, message) => {
    expect(make).toThrow(message);
  });
});
