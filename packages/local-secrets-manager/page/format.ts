/** The time of day, to the millisecond. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((each) =>
    String(each).padStart(2, '0'),
  );
  return `${hours}:${minutes}:${seconds}.${String(Math.floor(date.getMilliseconds())).padStart(3, '0')}`;
}

/** Date and time, to the second, in the reader's own time zone. */
export function dateAndTime(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A duration as people say it: `3.2 ms`, `184 ms`, `2.1 s`. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** `1 call`, `8 calls`. */
export function count(many: number, one: string): string {
  return `${many} ${one}${many === 1 ? '' : 's'}`;
}

/** Enough of a version's id to tell it from its neighbours. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** The name at the end of a function's ARN. */
export function functionName(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

/** The name inside a secret's ARN: all but the prefix and the six characters that the service adds. */
export function secretName(arn: string): string {
  return arn.replace(/^arn:[^:]*:secretsmanager:[^:]*:\d*:secret:(.*)-[A-Za-z0-9]{6}$/, '$1');
}
