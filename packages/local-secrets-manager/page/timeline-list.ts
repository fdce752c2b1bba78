/// <reference lib="dom" />
import type { PageEntry } from '../src/page/page-wire.ts';
import { element } from './elements.ts';
import { duration, timeOfDay } from './format.ts';
import { KeyedList, type View } from './keyed-list.ts';
import { type Line, lineOf, secretIdOf } from './timeline-line.ts';

const SHOWN_LINES = 200;

interface Row extends Line {
  readonly key: string;
  readonly at: number;
}

/** Everything that happened, the newest first: of one secret, or of all. */
export class TimelineList {
  readonly element: HTMLElement;
  readonly #rows: KeyedList<Row>;
  readonly #all = element('input', { type: 'checkbox' });
  #entries: readonly PageEntry[] = [];
  #arn = '';
  // Entries have no id of their own, and the same object stays the same entry.
  readonly #keys = new WeakMap<PageEntry, string>();
  #lastKey = 0;

  constructor() {
    const list = element('ol', { class: 'timeline' });
    this.#rows = new KeyedList(list, ({ key }) => key, createRow);
    this.#all.addEventListener('change', () => this.#show());
    this.element = element(
      'section',
      {},
      element(
        'div',
        { class: 'section-head' },
        element('h2', {}, 'Timeline'),
        element('label', {}, this.#all, ' all secrets'),
      ),
      list,
    );
  }

  update(entries: readonly PageEntry[], arn: string): void {
    this.#entries = entries;
    this.#arn = arn;
    this.#show();
  }

  #show(): void {
    const shown = this.#all.checked ? this.#entries : this.#entries.filter((entry) => secretIdOf(entry) === this.#arn);
    const rows = shown
      .toSorted((a, b) => a.at - b.at)
      .slice(-SHOWN_LINES)
      .reverse()
      .map((entry) => ({ ...lineOf(entry, this.#all.checked), key: this.#keyOf(entry), at: entry.at }));
    this.#rows.update(rows);
  }

  #keyOf(entry: PageEntry): string {
    const known = this.#keys.get(entry);
    if (known !== undefined) return known;
    this.#lastKey += 1;
    const key = String(this.#lastKey);
    this.#keys.set(entry, key);
    return key;
  }
}

function createRow({ kind, what, details, isBad, durationMs, at }: Row): View<Row> {
  const row = element(
    'li',
    { 'data-kind': kind, 'data-bad': isBad ? 'yes' : undefined },
    element('time', {}, timeOfDay(at)),
    element('span', { class: 'kind' }, kind),
    element('span', { class: 'what' }, element('span', {}, what), ' ', element('span', { class: 'quiet' }, details)),
    element('span', { class: 'took' }, durationMs === undefined ? '' : duration(durationMs)),
  );
  // An entry never changes once it is recorded.
  return { element: row, update: () => undefined };
}
