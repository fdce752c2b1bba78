/** What a client saw while secrets rotated. */
export interface ClientCounts {
  readonly logins: number;
  readonly refused: number;
  /** The times between two logins that worked with a refusal in between, in milliseconds, in order. */
  readonly gapsMs: readonly number[];
}

/** An application that opens a new connection all the time, without a pause. */
export class AvailabilityClient {
  readonly #logIn: () => Promise<boolean>;
  readonly #gapsMs: number[] = [];
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  /** The login that is under way. */
  #login = Promise.withResolvers<void>();
  #logins = 0;
  #refused = 0;

  /** @param logIn takes a credential from where it has it, and logs in; false if the database refuses the password */
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
    return { logins: this.#logins, refused: this.#refused, gapsMs: [...this.#gapsMs] };
  }

  /** Waits until a login that has yet to begin, and so takes the credential of then, has worked or was refused. */
  async nextLogin(): Promise<void> {
    const ended = this.#ended;
    while (this.#ended < ended + 2 && !this.#stopped) await this.#login.promise;
  }

  get #ended(): number {
    return this.#logins + this.#refused;
  }

  async #run(): Promise<void> {
    let lastLogin = performance.now();
    let refusedSince = false;
    while (!this.#stopped) {
      if (await this.#logIn()) {
        const now = performance.now();
        if (refusedSince) this.#gapsMs.push(now - lastLogin);
        lastLogin = now;
        refusedSince = false;
        this.#logins += 1;
      } else {
        this.#refused += 1;
        refusedSince = true;
      }
      const ended = this.#login;
      this.#login = Promise.withResolvers();
      ended.resolve();
    }
  }
}
