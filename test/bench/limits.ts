import type { BenchRow } from './row.ts';

/** What this project sets itself, in milliseconds: on a machine of its own, of which a shared one is but a hint. */
const limits = {
  /** A warm rotation with the latency: more where a second user is made equal first. */
  warm: { 'alternating-users': 130, others: 110 },
  /** A process from its start until it can be invoked, by engine: more where the driver is large. */
  ready: { large: 200, others: 120 },
} as const;

/** Engines whose drivers are large. */
const large: readonly string[] = ['mongodb', 'documentdb', 'sqlserver', 'oracle'];

/** What of a row is beyond its limit, one a line; sizes are held by tests. */
export function beyondLimits({ template, engine, strategy, warmMs, coldMs }: BenchRow): string[] {
  const warm = strategy.startsWith('alternating-users') ? limits.warm['alternating-users'] : limits.warm.others;
  const ready = large.includes(engine) ? limits.ready.large : limits.ready.others;
  return [
    ...(warmMs.latency > warm ? [`${template}: ${warmMs.latency} ms with latency, the limit is ${warm}`] : []),
    ...(coldMs.ready > ready ? [`${template}: ready after ${coldMs.ready} ms, the limit is ${ready}`] : []),
  ];
}
