import { RotationError } from './errors.ts';

/** Kept back at the end of an invocation, to throw a named error and write its log line. */
const reserveMs = 1_000;

/** What the time is cut from where no Lambda context tells: the longest that Lambda itself allows. */
const longestInvocationMs = 900_000;

/**
 * The time that an invocation has left. Every wait is cut from it, so that a rotation ends with an
 * error that says what it waited for, never with Lambda's silent time-out.
 */
export class Deadline {
  /** What the invocation had when it began, in milliseconds. */
  readonly totalMs: number;
  readonly #end: number;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** @param remainingMs what Lambda leaves, in milliseconds; undefined outside Lambda */
  constructor(remainingMs: number | undefined) {
    const total = remainingMs ?? longestInvocationMs;
    this.totalMs = total;
    // A very short invocation still gets most of its time: the reserve is at most a fifth of it.
    const usable = Math.max(0, total - Math.min(reserveMs, total / 5));
    this.#end = performance.now() + usable;
    this.#timer = setTimeout(() => this.#controller.abort(), usable);
    this.#timer.unref();
  }

  /** Aborts when the time is used up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds left; never below 0. */
  remainingMs(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** `wantedMs`, or what is left where that is less. */
  atMost(wantedMs: number): number {
    return Math.floor(Math.min(wantedMs, this.remainingMs()));
  }

  /** @throws RotationError `deadline-exceeded` that names what was about to begin */
  check(next: string): void {
    if (this.signal.aborted || this.remainingMs() === 0) {
      throw new RotationError('deadline-exceeded', { message: `no time is left to ${next}` });
    }
  }

  /** Waits; rejects with `deadline-exceeded` if the time ends first. */
  async sleep(ms: number, why: string): Promise<void> {
    if (ms >= this.remainingMs()) {
      throw new RotationError('deadline-exceeded', { message: `no time is left to ${why}` });
    }
    await new Promise<void>((resolve) => setTimeout(resolve, ms));
  }

  /** Ends the timer and closes, through {@link Deadline.signal}, whatever is still open. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}
