import type { ServerState } from './model/server-state.ts';

/**
 * What all sessions share: the committed state, and the right to change it, which one session has at a time.
 * Changes are made on a copy whose parts are replaced and never changed themselves.
 */
export class ServerCore {
  #state: ServerState;
  #transactions = 0n;
  #last: Promise<void> = Promise.resolve();

  constructor(state: ServerState) {
    this.#state = state;
  }

  /** What has been committed. */
  get state(): ServerState {
    return this.#state;
  }

  /** Waits for its turn to change something. @returns what ends the turn */
  async lock(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = before.then(() => promise);
    await before;
    return resolve;
  }

  copy(): ServerState {
    return { ...this.#state, databases: this.#state.databases.map((each) => ({ ...each })) };
  }

  commit(state: ServerState): void {
    this.#state = state;
  }

  nextTransaction(): bigint {
    this.#transactions += 1n;
    return this.#transactions;
  }
}
