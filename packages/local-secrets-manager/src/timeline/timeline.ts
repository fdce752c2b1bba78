import type { ServiceEntry, TimelineEntry } from './entries.ts';

/** Everything that happened, in order, the latest of it where it has grown long. It holds no secret value. */
export class Timeline {
  readonly #entries: TimelineEntry[] = [];
  readonly #listeners = new Set<(entry: TimelineEntry) => void>();
  readonly #now: () => number;
  readonly #limit: number;

  /**
   * @param now milliseconds since 1970
   * @param limit how many entries are kept at least; from a quarter more on, the oldest go @default - all
   */
  constructor(now: () => number, limit: number = Number.POSITIVE_INFINITY) {
    this.#now = now;
    this.#limit = limit;
  }

  /** The entries so far, the oldest first. */
  get entries(): readonly TimelineEntry[] {
    return this.#entries;
  }

  /** The entries of one kind that the service records itself. */
  of<K extends ServiceEntry['kind']>(kind: K): Extract<ServiceEntry, { kind: K }>[] {
    return this.#entries.filter((entry) => entry.kind === kind) as Extract<ServiceEntry, { kind: K }>[];
  }

  /** Adds an entry; `at` is now unless given. Never put a secret value into one. */
  record(entry: { readonly kind: string; readonly at?: number; readonly [detail: string]: unknown }): void {
    const dated: TimelineEntry = { at: this.#now(), ...entry };
    this.#entries.push(dated);
    // Many at once: to move all the others for each would take its time.
    if (this.#entries.length > this.#limit * 1.25) this.#entries.splice(0, this.#entries.length - this.#limit);
    for (const listener of this.#listeners) listener(dated);
  }

  /** Hears of every further entry, at once. @returns what ends it */
  subscribe(listener: (entry: TimelineEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets the entries so far. */
  clear(): void {
    this.#entries.length = 0;
  }
}
