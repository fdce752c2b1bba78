import { DAYS_OF_MONTH, DAYS_OF_WEEK, HOURS, MONTHS, singleValue, valuesOf } from './cron-field.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
// Long enough for every 29 February: one is left out in 2100.
const SEARCHED_DAYS = 8 * 366;

/** A schedule of whole hours, in UTC. */
export interface Cron {
  /** The hours of a day, ascending. */
  readonly hours: readonly number[];
  /** The first matching hour after a time, in milliseconds since 1970; nothing where none ever matches. */
  after(ms: number): number | undefined;
}

type DayTest = (day: Day) => boolean;

interface Day {
  readonly month: number;
  readonly dayOfMonth: number;
  /** 1 is Sunday. */
  readonly dayOfWeek: number;
  readonly daysInMonth: number;
}

/**
 * Reads `cron(0 hours day-of-month month day-of-week *)` as Secrets Manager takes it: with `,` `-` `*` `/`, `?` in
 * one of the day fields, `L`, `FRIL` and `FRI#2` (fact 27). Nothing where it is not one.
 */
export function parseCron(expression: string): Cron | undefined {
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]?.trim().toUpperCase().split(/ +/) ?? [];
  const [minutes, hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year] = fields;
  if (fields.length !== 6 || minutes !== '0' || year !== '*') return undefined;
  const hours = valuesOf(hour, HOURS);
  const months = valuesOf(month, MONTHS);
  const isDay = dayTest(dayOfMonth, dayOfWeek);
  if (hours === undefined || months === undefined || isDay === undefined) return undefined;
  const sorted = [...hours].sort((a, b) => a - b);
  return { hours: sorted, after: (ms) => firstAfter(ms, sorted, (day) => months.has(day.month) && isDay(day)) };
}

// Exactly one of the two says which days; the other is `?`.
function dayTest(dayOfMonth: string, dayOfWeek: string): DayTest | undefined {
  if (dayOfWeek === '?' && dayOfMonth !== '?') return monthDayTest(dayOfMonth);
  if (dayOfMonth === '?' && dayOfWeek !== '?') return weekDayTest(dayOfWeek);
  return undefined;
}

function monthDayTest(field: string): DayTest | undefined {
  if (field === 'L') return (day) => day.dayOfMonth === day.daysInMonth;
  const days = valuesOf(field, DAYS_OF_MONTH);
  return days === undefined ? undefined : (day) => days.has(day.dayOfMonth);
}

function weekDayTest(field: string): DayTest | undefined {
  // Alone, it is the last day of the week.
  if (field === 'L') return (day) => day.dayOfWeek === DAYS_OF_WEEK.max;
  const [, name = '', nth] = /^([0-9A-Z]+?)(L|#[1-5])$/.exec(field) ?? [];
  if (nth !== undefined) {
    const wanted = singleValue(name, DAYS_OF_WEEK);
    if (wanted === undefined) return undefined;
    if (nth === 'L') return (day) => day.dayOfWeek === wanted && day.dayOfMonth > day.daysInMonth - 7;
    return (day) => day.dayOfWeek === wanted && Math.ceil(day.dayOfMonth / 7) === Number(nth.slice(1));
  }
  const days = valuesOf(field, DAYS_OF_WEEK);
  return days === undefined ? undefined : (day) => days.has(day.dayOfWeek);
}

function firstAfter(ms: number, hours: readonly number[], isDay: DayTest): number | undefined {
  const today = Math.floor(ms / DAY_MS) * DAY_MS;
  for (let offset = 0; offset <= SEARCHED_DAYS; offset++) {
    const midnight = today + offset * DAY_MS;
    if (!isDay(dayAt(midnight))) continue;
    const hour = hours.find((each) => midnight + each * HOUR_MS > ms);
    if (hour !== undefined) return midnight + hour * HOUR_MS;
  }
  return undefined;
}

function dayAt(midnight: number): Day {
  const date = new Date(midnight);
  const month = date.getUTCMonth() + 1;
  return {
    month,
    dayOfMonth: date.getUTCDate(),
    dayOfWeek: date.getUTCDay() + 1,
    daysInMonth: new Date(Date.UTC(date.getUTCFullYear(), month, 0)).getUTCDate(),
  };
}
