import { parseCron } from './cron.ts';
import type { RotationRules } from './rotation-rules.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const LEAST_HOURS = 4;

/** Rules that Secrets Manager refuses, as InvalidParameterException. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** When a rotation may happen, in milliseconds since 1970. */
export interface RotationWindow {
  readonly opensAt: number;
  /** The first moment that is outside. */
  readonly closesAt: number;
}

/** What the next window depends on, in milliseconds since 1970. */
export interface ScheduleState {
  /** The last rotation, or what counts as one. */
  readonly countedFrom: number;
  /** When the schedule was set: hours count from the midnight before. */
  readonly setAt: number;
}

/** When to rotate: the next window from a state. */
export type Schedule = (state: ScheduleState) => RotationWindow;

// Few different rules are in use at a time, and each is asked for at every write.
const known = new Map<string, Schedule | undefined>();
const KNOWN_MAX = 1000;

/**
 * Reads rotation rules (fact 27).
 * @returns nothing where they hold neither days nor an expression
 * @throws ScheduleError where the service would refuse them, with its words
 */
export function scheduleOf(rules: RotationRules): Schedule | undefined {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression, Duration: duration } = rules;
  const key = JSON.stringify([days, expression, duration]);
  const present = known.get(key);
  if (present !== undefined) return present;
  const schedule = read(days, expression, duration);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(key, schedule);
  return schedule;
}

function read(days?: number, expression?: string, duration?: string): Schedule | undefined {
  if (days !== undefined && expression !== undefined) {
    throw new ScheduleError('You cannot specify both rotation frequency and schedule expression together.');
  }
  const hours = hoursOf(duration);
  if (days !== undefined) return everyDays(days, hours);
  if (expression !== undefined) return ofExpression(expression, hours);
  if (duration === undefined) return undefined;
  throw new ScheduleError('Duration needs AutomaticallyAfterDays or ScheduleExpression.');
}

function hoursOf(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const hours = Number.parseInt(duration, 10);
  if (hours >= 1 && hours <= 24) return hours;
  throw new ScheduleError('Duration must be at least 1 hour, at most 24 hour.');
}

function ofExpression(expression: string, duration: number | undefined): Schedule {
  const [, count = '', unit] = /^rate\((\d{1,9}) (hour|day)s?\)$/.exec(expression) ?? [];
  if (unit === 'hour') return everyHours(Number(count), duration);
  if (unit === 'day') {
    const days = Number(count);
    if (days < 1 || days >= 1000) {
      throw new ScheduleError('Rate in day should be greater than 0 and less than 1000.');
    }
    return everyDays(days, duration);
  }
  return onCron(expression, duration);
}

// The window begins at midnight and lasts the day, unless told otherwise.
function everyDays(days: number, duration = 24): Schedule {
  return ({ countedFrom }) => windowAt(daysLater(dayOf(countedFrom), days), duration);
}

function everyHours(hours: number, duration = 1): Schedule {
  if (hours < LEAST_HOURS || hours >= 24) {
    throw new ScheduleError('Rate in hour should be least 4 and less than 24.');
  }
  if (duration > hours) throw new ScheduleError('Duration cannot be greater than Rate in hour.');
  return ({ countedFrom, setAt }) => {
    const start = dayOf(setAt);
    const every = hours * HOUR_MS;
    const passed = Math.floor((Math.max(countedFrom, setAt) - start) / every);
    return windowAt(start + (passed + 1) * every, duration);
  };
}

function onCron(expression: string, duration: number | undefined): Schedule {
  const cron = parseCron(expression);
  if (cron === undefined || cron.after(0) === undefined) throw new ScheduleError('Invalid schedule expression.');
  const [first = 0, ...others] = cron.hours;
  const last = others.at(-1) ?? first;
  const gap = Math.min(...others.map((hour, index) => hour - (cron.hours[index] ?? 0)));
  if (gap < LEAST_HOURS) throw new ScheduleError('Invalid schedule expression.');
  if (duration !== undefined && last + duration > 24) {
    throw new ScheduleError('Starting hour and duration must be within a day.');
  }
  if (duration !== undefined && duration > gap) {
    throw new ScheduleError('Duration cannot be greater than Rate in hour.');
  }
  // A schedule in hours has windows of an hour, one in days until the day ends.
  const length = duration ?? (others.length > 0 ? 1 : 24 - first);
  return ({ countedFrom, setAt }) => windowAt(cron.after(Math.max(countedFrom, setAt)) ?? 0, length);
}

// No window goes on into the next UTC day, which only those of a rate in hours could.
function windowAt(opensAt: number, hours: number): RotationWindow {
  return { opensAt, closesAt: Math.min(opensAt + hours * HOUR_MS, daysLater(dayOf(opensAt), 1)) };
}

/** The start of the UTC day. */
function dayOf(ms: number): number {
  return ms - (ms % DAY_MS);
}

function daysLater(ms: number, days: number): number {
  return ms + days * DAY_MS;
}
