/** Counts what is under way, so that a turned clock can wait until nothing is. */
export class Activity {
  #busy = 0;
  #resting = 0;
  #idle = Promise.withResolvers<void>();

  /** Resolves when nothing is under way but what waits for the clock. */
  async idle(): Promise<void> {
    while (this.#busy > this.#resting) await this.#idle.promise;
  }

  /** Counts `work` until it has ended, however it ends. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
      this.#check();
    }
  }

  /** Leaves `sleep` out of the count: something under way waits for the clock meanwhile. */
  async resting<T>(sleep: () => Promise<T>): Promise<T> {
    this.#resting += 1;
    this.#check();
    try {
      return await sleep();
    } finally {
      this.#resting -= 1;
    }
  }

  #check(): void {
    if (this.#busy > this.#resting) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }
}
