import { type Clock, realClock } from '@keyturn/local-secrets-manager';
import { WrongUsage } from '../errors.ts';
import { fasterClock } from './faster-clock.ts';

/** What the help says of `--clock`. */
export const clockHelp = `another time: a start such as 2026-01-01T00:00:00Z, a speed such as x60, or
both with a comma between. At x60 a minute passes in a second, so that
schedules can be watched`;

const SPEED = /^x(\d{1,7}(?:\.\d{1,3})?)$/;
// With a time zone, for nobody should have to guess which.
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** Reads `--clock`. @throws WrongUsage */
export function readClock(text: string | undefined): Clock {
  if (text === undefined) return realClock;
  let start: number | undefined;
  let speed: number | undefined;
  for (const part of text.split(',')) {
    const factor = SPEED.exec(part)?.[1];
    const time = TIME.test(part) ? Date.parse(part) : Number.NaN;
    if (factor !== undefined && speed === undefined && Number(factor) > 0) speed = Number(factor);
    else if (!Number.isNaN(time) && start === undefined) start = time;
    else
      throw new WrongUsage(
        `--clock ${text}: write a time such as 2026-01-01T00:00:00Z, a speed such as x60, or both with a comma between.`,
      );
  }
  return fasterClock(start ?? realClock.now(), speed ?? 1);
}
