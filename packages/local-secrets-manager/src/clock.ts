import { setTimeout as wait } from 'node:timers/promises';

/** Where the service takes its time from. Give your own to turn it by hand; see {@link ManualClock}. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC; fractions are kept where durations are measured. */
  now(): number;
  /** Resolves after `ms` milliseconds of this clock. Rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own time, finer than a millisecond. */
export const realClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    await wait(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      // The timer wraps the reason in an error of its own; callers compare with the reason.
      throw signal?.aborted ? signal.reason : error;
    });
  },
};

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until {@link ManualClock.advance} is called. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  /** @param start milliseconds since 1970-01-01 UTC */
  constructor(start: number = Date.UTC(2026, 0, 15, 12)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { until: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** How many sleeps wait for this clock. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Moves the time forward and wakes whoever slept until then, the earliest first. */
  advance(ms: number): void {
    this.#now += ms;
    const due = [...this.#sleepers].filter((sleeper) => sleeper.until <= this.#now);
    for (const sleeper of due.sort((a, b) => a.until - b.until)) {
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
