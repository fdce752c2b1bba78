import type { CrashPoint } from '@keyturn/engine-conformance/suite';

/** A process whose every call waits until it is let through: the test decides who goes next. */
export class Stepped {
  /** Whether its work is over. */
  done = false;
  /** Why its work ended early. */
  failure: unknown;
  readonly #waiting: { readonly name: string; readonly go: () => void }[] = [];
  #wake: () => void = () => undefined;

  /** Hand it to the process. */
  readonly onPoint = async ({ name, moment }: CrashPoint): Promise<void> => {
    if (moment === 'after') return;
    await new Promise<void>((go) => {
      this.#waiting.push({ name, go });
      this.#wake();
    });
  };

  /** Begins the work, and waits until it is over or waits for its first call. */
  async start(work: () => Promise<void>): Promise<void> {
    work()
      .catch((error: unknown) => {
        this.failure = error;
      })
      .finally(() => {
        this.done = true;
        this.#wake();
      });
    await this.#settled();
  }

  /** The call that it waits for. */
  get next(): string | undefined {
    return this.#waiting[0]?.name;
  }

  /** Lets one call through, and waits until the work is over or waits for the next call. */
  async step(): Promise<void> {
    this.#waiting.shift()?.go();
    await this.#settled();
  }

  /** Goes on until it waits for this call. @throws Error if its work is over first */
  async stepUntil(name: string): Promise<void> {
    while (this.next !== name) {
      if (this.done) throw new Error(`it never came to ${name}: ${this.failure}`);
      await this.step();
    }
  }

  async stepToTheEnd(): Promise<void> {
    while (!this.done) await this.step();
  }

  async #settled(): Promise<void> {
    while (!this.done && this.#waiting.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
