import { emptyStore, type Store } from './store.ts';

/** What one member knows, and whether it learns of changes. */
interface Copy {
  store: Store;
  lags: boolean;
}

/** Users and roles as the members of a replica set have them, one of which takes the changes. */
export class ReplicaSet {
  readonly #copies: Copy[];
  #primary: number | undefined = 0;
  #waiting: (() => void)[] = [];

  constructor(members: number) {
    this.#copies = Array.from({ length: members }, () => ({ store: emptyStore, lags: false }));
  }

  get primary(): number | undefined {
    return this.#primary;
  }

  storeOf(member: number): Store {
    return this.#copies[member]?.store ?? emptyStore;
  }

  /** The primary's new state, which the others get at once unless they lag. */
  commit(store: Store): void {
    const primary = this.#copies[this.#primary ?? -1];
    if (primary === undefined) throw new Error('there is no primary');
    primary.store = store;
    for (const copy of this.#copies) if (!copy.lags) copy.store = store;
    this.#wake();
  }

  /** From now on this member learns of no change. */
  lag(member: number): void {
    const copy = this.#copies[member];
    if (copy !== undefined) copy.lags = true;
  }

  /** The member learns of everything that it has missed. */
  catchUp(member: number): void {
    const copy = this.#copies[member];
    if (copy === undefined) return;
    copy.lags = false;
    if (this.#primary !== undefined) copy.store = this.storeOf(this.#primary);
    this.#wake();
  }

  /** Nobody takes writes until somebody is elected. */
  stepDown(): void {
    this.#primary = undefined;
  }

  /** Changes that only the old primary had are gone: this is what a majority write prevents. */
  elect(member: number): void {
    this.#primary = member;
    const { store } = this.#copies[member] ?? { store: emptyStore };
    for (const [at, copy] of this.#copies.entries()) {
      if (at === member) copy.lags = false;
      if (!copy.lags) copy.store = store;
    }
  }

  /** Resolves with true when a majority has the state of now, with false if it has not in time. */
  async majority(timeoutMs: number): Promise<boolean> {
    const { store } = this.#copies[this.#primary ?? 0] ?? { store: emptyStore };
    const have = () => this.#copies.filter((copy) => copy.store === store).length * 2 > this.#copies.length;
    if (have()) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      const look = (): void => {
        if (!have()) {
          this.#waiting.push(look);
          return;
        }
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.push(look);
    });
  }

  #wake(): void {
    for (const look of this.#waiting.splice(0)) look();
  }
}
