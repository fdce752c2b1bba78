/// <reference lib="dom" />
import type { PageChange, PageEntry, PageState, SecretView } from '../src/page/page-wire.ts';
import { type Attempt, attemptsOf } from './rotations.ts';

const KEPT_ENTRIES = 3000;
const LISTED_SECRETS = 200;

/** Everything the page knows, and which part of it is looked at. */
export class Model {
  isLive = false;
  region = '';
  total = 0;
  functionArns: readonly string[] = [];
  entries: readonly PageEntry[] = [];
  attempts: readonly Attempt[] = [];
  /** The entries that came with the last change. */
  news: readonly PageEntry[] = [];
  find = '';
  /** The name of the secret that is looked at. */
  selected = '';
  readonly #secrets = new Map<string, SecretView>();
  readonly #render: () => void;

  /** @param render shows the model as it is then */
  constructor(render: () => void) {
    this.#render = render;
  }

  /** The secrets that the list shows, by name. */
  get listed(): SecretView[] {
    const wanted = this.find.toLowerCase();
    return [...this.#secrets.values()]
      .filter(({ name }) => name.toLowerCase().includes(wanted))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, LISTED_SECRETS);
  }

  get secret(): SecretView | undefined {
    return [...this.#secrets.values()].find(({ name }) => name === this.selected);
  }

  attemptsAt(secretId: string): Attempt[] {
    return this.attempts.filter((attempt) => attempt.secretId === secretId);
  }

  begin({ region, functionArns, secrets, total, entries }: PageState): void {
    Object.assign(this, { region, functionArns, total, entries, isLive: true, news: [] });
    this.#secrets.clear();
    for (const secret of secrets) this.#secrets.set(secret.arn, secret);
    this.#changed();
  }

  change({ functionArns, secrets, removed, total, entries }: PageChange): void {
    Object.assign(this, { functionArns, total, news: entries });
    this.entries = [...this.entries, ...entries].slice(-KEPT_ENTRIES);
    for (const arn of removed) this.#secrets.delete(arn);
    for (const secret of secrets) this.#secrets.set(secret.arn, secret);
    this.#changed();
  }

  set<K extends 'isLive' | 'find' | 'selected'>(key: K, value: Model[K]): void {
    Object.assign(this, { [key]: value, news: [] });
    this.#changed();
  }

  #changed(): void {
    this.attempts = attemptsOf(this.entries);
    this.#render();
  }
}
