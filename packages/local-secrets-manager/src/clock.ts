import { setTimeout as wait } from 'node:timers/promises';

/** Where the service takes its time from. Give your own to turn it by hand; see {@link ManualClock}. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC; fractions are kept where durations are measured. */
  now(): number;
  /** Resolves after `ms` milliseconds of this clock. Rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** As `sleep`, but does not keep the process running. @default - as `sleep` */
  doze?(ms: number, signal: AbortSignal): Promise<void>;
  /**
   * Only of clocks that are turned: lets `settled` be awaited whenever the time has moved, before it moves on.
   * @returns what ends it
   */
  beforeTurning?(settled: () => Promise<void>): () => void;
}

/** The machine's own time, finer than a millisecond. */
export const realClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) => sleepReally(ms, true, signal),
  doze: (ms, signal) => sleepReally(ms, false, signal),
};

async function sleepReally(ms: number, ref: boolean, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await wait(ms, undefined, signal === undefined ? { ref } : { ref, signal }).catch((error: unknown) => {
    // The timer wraps the reason in an error of its own; callers compare with the reason.
    throw signal?.aborted ? signal.reason : error;
  });
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until {@link ManualClock.advance} or {@link ManualClock.turn} is called. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();
  readonly #hooks = new Set<() => Promise<void>>();

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

  /**
   * Moves the time forward from one sleep's end to the next, and lets all that follows from it happen before it
   * goes on: days with their scheduled rotations pass in order, each at its own time. What waits for anything but
   * this clock, such as a rotation's function, is waited for.
   */
  async turn(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await this.#settled();
      const next = [...this.#sleepers].reduce<Sleeper | undefined>(
        (first, each) => (each.until <= end && (first === undefined || each.until < first.until) ? each : first),
        undefined,
      );
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.until);
      this.#sleepers.delete(next);
      next.wake();
    }
    this.#now = end;
    await this.#settled();
  }

  beforeTurning(settled: () => Promise<void>): () => void {
    this.#hooks.add(settled);
    return () => this.#hooks.delete(settled);
  }

  async #settled(): Promise<void> {
    await afterEvents();
    for (const hook of this.#hooks) await hook();
    await afterEvents();
  }
}

// What is already on its way, such as the continuation of a sleep, comes first.
function afterEvents(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
