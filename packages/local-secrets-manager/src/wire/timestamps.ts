const DAY_MS = 24 * 60 * 60 * 1000;

/** A time as AWS JSON carries it: seconds since 1970, to the millisecond. */
export function seconds(ms: number): number {
  return Math.floor(ms) / 1000;
}

/** The start of the UTC day, in milliseconds: the service dates accesses by the day (fact 10). */
export function dayOf(ms: number): number {
  return ms - (ms % DAY_MS);
}

/** The time `days` days later, in milliseconds. */
export function daysLater(ms: number, days: number): number {
  return ms + days * DAY_MS;
}
