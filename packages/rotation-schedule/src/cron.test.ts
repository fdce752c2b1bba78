import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCron } from './cron.ts';

const HOUR_MS = 60 * 60 * 1000;
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 13));
const next = (expression: string, from: string) => iso(parseCron(expression)?.after(Date.parse(from)));

describe('the next hour of a cron expression', () => {
  it.each([
    ['cron(0 10 * * ? *)', '2026-03-01T10:00:00Z', '2026-03-02T10'],
    ['cron(0 10 * * ? *)', '2026-03-01T09:59:59Z', '2026-03-01T10'],
    ['cron(0 18 ? * SAT *)', '2026-03-01T00:00:00Z', '2026-03-07T18'],
    ['cron(0 18 ? * 7 *)', '2026-03-01T00:00:00Z', '2026-03-07T18'],
    ['cron(0 8 1 * ? *)', '2026-03-01T08:00:00Z', '2026-04-01T08'],
    ['cron(0 17 L * ? *)', '2026-02-10T00:00:00Z', '2026-02-28T17'],
    ['cron(0 17 L 2 ? *)', '2027-03-10T00:00:00Z', '2028-02-29T17'],
    ['cron(0 8 ? * MON-FRI *)', '2026-03-06T09:00:00Z', '2026-03-09T08'],
    ['cron(0 16 1,15 * ? *)', '2026-03-01T16:00:00Z', '2026-03-15T16'],
    ['cron(0 0 ? * SUN#1 *)', '2026-03-01T00:00:00Z', '2026-04-05T00'],
    ['cron(0 0 ? * TUE#3 *)', '2026-03-01T00:00:00Z', '2026-03-17T00'],
    ['cron(0 0 ? * FRI#5 *)', '2026-02-01T00:00:00Z', '2026-05-29T00'],
    ['cron(0 1 ? * SUNL *)', '2026-03-01T00:00:00Z', '2026-03-29T01'],
    ['cron(0 1 ? * 1L *)', '2026-03-01T00:00:00Z', '2026-03-29T01'],
    ['cron(0 1 ? * L *)', '2026-03-01T00:00:00Z', '2026-03-07T01'],
    ['cron(0 8/8 * * ? *)', '2026-03-01T16:30:00Z', '2026-03-02T08'],
    ['cron(0 4/12 * * ? *)', '2026-03-01T05:00:00Z', '2026-03-01T16'],
    ['cron(0 0 1/10 * ? *)', '2026-03-22T00:00:00Z', '2026-03-31T00'],
    ['cron(0 0 1 1/3 ? *)', '2026-02-01T00:00:00Z', '2026-04-01T00'],
    ['cron(0 0 1 JAN,JUL ? *)', '2026-02-01T00:00:00Z', '2026-07-01T00'],
    ['cron(0 0 1 jan-mar ? *)', '2026-03-02T00:00:00Z', '2027-01-01T00'],
    ['cron(0 0 29 2 ? *)', '2096-03-01T00:00:00Z', '2104-02-29T00'],
  ])('%s after %s is %s', (expression, from, expected) => {
    expect(next(expression, from)).toBe(expected);
  });
});

it.each([
  'cron(1 10 * * ? *)',
  'cron(* 10 * * ? *)',
  'cron(0 10 * * ? 2026)',
  'cron(0 10 * * ?)',
  'cron(0 10 * * ? * *)',
  'cron(0 10 * * * *)',
  'cron(0 10 ? * ? *)',
  'cron(0 10 1 * SUN *)',
  'cron(0 24 * * ? *)',
  'cron(0 10 0 * ? *)',
  'cron(0 10 32 * ? *)',
  'cron(0 10 * 13 ? *)',
  'cron(0 10 ? * 0 *)',
  'cron(0 10 ? * 8 *)',
  'cron(0 10 ? * SUN#6 *)',
  'cron(0 10 ? * SUN#1,MON#2 *)',
  'cron(0 10 ? * XYZ *)',
  'cron(0 10 15W * ? *)',
  'cron(0 10-8 * * ? *)',
  'cron(0 0/0 * * ? *)',
  'cron(0 *-3 * * ? *)',
  'cron(0 , * * ? *)',
  '0 10 * * ? *',
  '',
])('%s is none', (expression) => {
  expect(parseCron(expression)).toBeUndefined();
});

it('an expression that never matches has no next hour', () => {
  expect(parseCron('cron(0 0 30 2 ? *)')?.after(0)).toBeUndefined();
});

// A field as text, and, written independently of the parser, which values it stands for.
interface Field {
  readonly text: string;
  readonly has: (value: number) => boolean;
}

function field(min: number, max: number, names: readonly string[] = []): fc.Arbitrary<Field> {
  const value = fc.integer({ min, max });
  const written = (each: number): string => names[each - min] ?? String(each);
  const single = value.map((each): Field => ({ text: written(each), has: (other) => other === each }));
  const range = fc.tuple(value, value).map(([a, b]): Field => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    return { text: `${written(low)}-${written(high)}`, has: (other) => other >= low && other <= high };
  });
  const step = fc.tuple(value, fc.integer({ min: 1, max: 12 })).map(
    ([from, by]): Field => ({
      text: `${from}/${by}`,
      has: (other) => other >= from && (other - from) % by === 0,
    }),
  );
  const every = fc.integer({ min: 1, max: 12 }).map(
    (by): Field => ({
      text: `*/${by}`,
      has: (other) => (other - min) % by === 0,
    }),
  );
  const all = fc.constant<Field>({ text: '*', has: () => true });
  const one = fc.oneof(single, range, step, every, all);
  return fc.array(one, { minLength: 1, maxLength: 3 }).map((parts) => ({
    text: parts.map(({ text }) => text).join(','),
    has: (other) => parts.some((part) => part.has(other)),
  }));
}

const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const lastOfMonth = (date: Date) => new Date(date.getTime() + 24 * HOUR_MS).getUTCMonth() !== date.getUTCMonth();
const weekLater = (date: Date) => new Date(date.getTime() + 7 * 24 * HOUR_MS);
const weekday = fc.integer({ min: 1, max: 7 });

type Days = { readonly texts: readonly [string, string]; readonly has: (date: Date) => boolean };
const days: fc.Arbitrary<Days> = fc.oneof(
  field(1, 31).map(({ text, has }): Days => ({ texts: [text, '?'], has: (date) => has(date.getUTCDate()) })),
  fc.constant<Days>({ texts: ['L', '?'], has: lastOfMonth }),
  field(1, 7, weekdays).map(
    ({ text, has }): Days => ({ texts: ['?', text], has: (date) => has(date.getUTCDay() + 1) }),
  ),
  weekday.map(
    (day): Days => ({
      texts: ['?', `${weekdays[day - 1]}L`],
      has: (date) => date.getUTCDay() + 1 === day && weekLater(date).getUTCMonth() !== date.getUTCMonth(),
    }),
  ),
  fc.tuple(weekday, fc.integer({ min: 1, max: 5 })).map(
    ([day, nth]): Days => ({
      texts: ['?', `${day}#${nth}`],
      has: (date) => {
        // The nth of its kind: so many weeks earlier is still this month, and one more is not.
        const earlier = (weeks: number) => new Date(date.getTime() - weeks * 7 * 24 * HOUR_MS).getUTCMonth();
        const month = date.getUTCMonth();
        return date.getUTCDay() + 1 === day && earlier(nth - 1) === month && earlier(nth) !== month;
      },
    }),
  ),
);

it('the next hour is what a search hour by hour finds', () => {
  const from = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2032, 0) });
  let matches = 0;
  fc.assert(
    fc.property(field(0, 23), days, field(1, 12, months), from, (hours, day, month, start) => {
      const expression = `cron(0 ${hours.text} ${day.texts[0]} ${month.text} ${day.texts[1]} *)`;
      const found = parseCron(expression)?.after(start);
      let hour = Math.floor(start / HOUR_MS) * HOUR_MS + HOUR_MS;
      const end = hour + 400 * 24 * HOUR_MS;
      const isMatch = (at: number): boolean => {
        const date = new Date(at);
        return hours.has(date.getUTCHours()) && month.has(date.getUTCMonth() + 1) && day.has(date);
      };
      while (hour < end && !isMatch(hour)) hour += HOUR_MS;
      if (hour < end) matches += 1;
      expect(hour < end ? iso(found) : 'later', expression).toBe(hour < end ? iso(hour) : laterThan(found, end));
    }),
    { numRuns: 1500 },
  );
  expect(matches).toBeGreaterThan(1000);
});

// Beyond the search there is only to say that nothing was found within it.
function laterThan(found: number | undefined, end: number): string | undefined {
  return found === undefined || found >= end ? 'later' : iso(found);
}
