import { type ConnectLimits, RotationError } from '@keyturn/core';
import type { Where } from './where.ts';

/** What is destroyed when a connection ends: a socket, or a driver's connection. */
export interface Destroyable {
  destroy(): unknown;
}

/**
 * How long one connection lives: at most its time limit until it is logged in, and never longer than the
 * signal lets it. At its end whatever waits rejects with `connection-timed-out`, and what it holds is destroyed.
 */
export class Lifeline {
  readonly limits: ConnectLimits;
  readonly #where: Where;
  readonly #ended: Promise<never>;
  readonly #timer: NodeJS.Timeout;
  readonly #abort: () => void;
  readonly #held = new Set<Destroyable>();
  #reject: (error: RotationError) => void = () => {};
  #failure: RotationError | undefined;
  #waitingFor = 'a connection';

  constructor(where: Where, limits: ConnectLimits) {
    this.limits = limits;
    this.#where = where;
    this.#ended = new Promise((_resolve, reject) => {
      this.#reject = reject;
    });
    this.#ended.catch(() => {
      // Whoever waits learns of it through during(); with nobody waiting it is no unhandled rejection.
    });
    const { connectTimeoutMs, signal } = limits;
    this.#timer = setTimeout(() => this.#end(`within ${connectTimeoutMs} ms`), connectTimeoutMs);
    this.#abort = () => this.#end('before the time that was left had passed');
    signal.addEventListener('abort', this.#abort, { once: true });
    if (signal.aborted) this.#abort();
  }

  /** The end destroys this, too; at once where it has come already. */
  holds(held: Destroyable): void {
    this.#held.add(held);
    if (this.#failure !== undefined) held.destroy();
  }

  /** What the connection waits for from now on, as the error tells it: `a connection`, `the server's greeting`. */
  nowFor(what: string): void {
    this.#waitingFor = what;
  }

  /**
   * Waits for `work`, and no longer than the connection lives.
   * @param what as for {@link Lifeline.nowFor}
   * @throws RotationError `connection-timed-out` that names `what`
   */
  async during<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.nowFor(what);
    if (this.#failure !== undefined) throw this.#failure;
    return Promise.race([this.#ended, work()]);
  }

  /** The login is done: from now on only the signal ends the connection. */
  loggedIn(): void {
    clearTimeout(this.#timer);
  }

  /** The connection is over: neither the time limit nor the signal has anything to end. */
  release(): void {
    clearTimeout(this.#timer);
    this.limits.signal.removeEventListener('abort', this.#abort);
  }

  /** Gives the connection up, and destroys what there is of it. */
  abandon(): void {
    this.release();
    this.#destroy();
  }

  #end(when: string): void {
    this.release();
    const { endpoint, user } = this.#where;
    this.#failure = new RotationError('connection-timed-out', {
      message: `${this.#waitingFor} did not come ${when}`,
      endpoint,
      user,
    });
    // First the reason, then the end: what is destroyed would give another one.
    this.#reject(this.#failure);
    this.#destroy();
  }

  #destroy(): void {
    for (const held of this.#held) held.destroy();
  }
}
