/** When a call came in and how long it took, in milliseconds. */
export interface TimedCall {
  readonly at: number;
  readonly durationMs: number;
}

/** Round trips that calls took: those that overlap in time are one. It takes calls of some milliseconds to tell. */
export function roundTrips(calls: readonly TimedCall[]): number {
  let trips = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { at, durationMs } of calls.toSorted((a, b) => a.at - b.at)) {
    if (at >= until) trips += 1;
    until = Math.max(until, at + durationMs);
  }
  return trips;
}
