import type { Quota } from './quotas.ts';

interface Bucket {
  readonly perSecond: number;
  tokens: number;
  filledAt: number;
}

/** Token buckets: each quota's holds one second's calls and fills up evenly. Operations without a quota pass. */
export class Throttle {
  readonly #now: () => number;
  #buckets = new Map<string, Bucket>();

  /** @param now milliseconds since 1970, of the service's clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Replaces the quotas; their buckets are full. */
  setQuotas(quotas: readonly Quota[]): void {
    this.#buckets = new Map();
    for (const { operations, perSecond } of quotas) {
      const shared: Bucket = { perSecond, tokens: perSecond, filledAt: this.#now() };
      for (const name of operations) this.#buckets.set(name, shared);
    }
  }

  /** Counts a call. @returns whether its quota allows it */
  allows(operation: string): boolean {
    const bucket = this.#buckets.get(operation);
    if (bucket === undefined) return true;
    const now = this.#now();
    const filled = bucket.tokens + ((now - bucket.filledAt) / 1000) * bucket.perSecond;
    bucket.tokens = Math.min(bucket.perSecond, filled);
    bucket.filledAt = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
