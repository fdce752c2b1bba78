/** What a client saw while secrets rotated. */
export interface ClientCounts {
  readonly logins: number;
  readonly refused: number;
  /** The longest time between two logins that worked with a refusal in between, in milliseconds. */
  readonly longestGapMs: number;
}

/** An application that opens a new connection all the time, each with the password that AWSCURRENT has just then. */
export class AvailabilityClient {
  readonly #logIn: () => Promise<boolean>;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  #logins = 0;
  #refused = 0;
  #longestGapMs = 0;

  /** @param logIn reads AWSCURRENT and logs in; false if the database refuses the password */
  constructor(logIn: () => Promise<boolean>) {
    this.#logIn = logIn;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  get counts(): ClientCounts {
    return { logins: this.#logins, refused: this.#refused, longestGapMs: Math.round(this.#longestGapMs) };
  }

  /** Waits until the client has logged in once more from now on. */
  async nextLogin(): Promise<void> {
    const seen = this.#logins;
    while (this.#logins === seen && !this.#stopped) await new Promise((resolve) => setImmediate(resolve));
  }

  async #run(): Promise<void> {
    let lastLogin = performance.now();
    let refusedSince = false;
    while (!this.#stopped) {
      if (await this.#logIn()) {
        const now = performance.now();
        if (refusedSince) this.#longestGapMs = Math.max(this.#longestGapMs, now - lastLogin);
        lastLogin = now;
        refusedSince = false;
        this.#logins += 1;
      } else {
        this.#refused += 1;
        refusedSince = true;
      }
    }
  }
}
