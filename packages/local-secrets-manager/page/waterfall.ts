/// <reference lib="dom" />
import { element, setAttribute, setText } from './elements.ts';
import { duration } from './format.ts';
import { KeyedList, type View } from './keyed-list.ts';
import type { Attempt } from './rotations.ts';
import { faultNote } from './timeline-line.ts';

/** One bar: a step, a call or a login, in milliseconds from the start of the attempt. */
interface Row {
  readonly key: string;
  readonly kind: 'step' | 'call' | 'login';
  readonly name: string;
  readonly note: string;
  readonly isBad: boolean;
  readonly from: number;
  /** Absent where it is not known: a login is told by one line of a log. */
  readonly took?: number;
  /** The length of the whole attempt. */
  total: number;
}

/** Where the time of a rotation went: its steps, and under each its calls and logins, on one scale. */
export class Waterfall {
  readonly element: HTMLElement;
  readonly #rows: KeyedList<Row>;

  constructor() {
    const list = element('ol', { class: 'waterfall', 'aria-label': 'Calls and logins of the rotation' });
    this.#rows = new KeyedList(list, ({ key }) => key, createRow);
    this.element = list;
  }

  update(attempt: Attempt): void {
    const rows = rowsOf(attempt);
    const total = Math.max(1, ...rows.map(({ from, took = 0 }) => from + took));
    for (const row of rows) row.total = total;
    this.element.hidden = rows.length === 0;
    this.#rows.update(rows);
  }
}

function rowsOf({ key, startedAt, steps, calls, logins }: Attempt): Row[] {
  const bars = [...steps.flatMap(stepRow), ...calls.map(callRow), ...logins.map(loginRow)];
  return bars
    .map((row, index) => ({ ...row, key: `${key} ${index} ${row.kind} ${row.name}`, from: row.from - startedAt }))
    .sort((a, b) => a.from - b.from || (a.kind === 'step' ? -1 : 1));
}

type Bar = Omit<Row, 'key'>;

function stepRow({ name, state, at, durationMs }: Attempt['steps'][number]): Bar[] {
  if (at === undefined || durationMs === undefined) return [];
  return [{ kind: 'step', name, note: '', isBad: state === 'failed', from: at, took: durationMs, total: 0 }];
}

function callRow({ operation, outcome, at, durationMs, fault }: Attempt['calls'][number]): Bar {
  const note = [outcome === 'ok' ? '' : outcome, faultNote(fault)];
  return {
    kind: 'call',
    name: operation,
    note: note.filter((each) => each !== '').join(', '),
    isBad: outcome !== 'ok',
    from: at,
    took: durationMs,
    total: 0,
  };
}

function loginRow({ ok, user, with: label, endpoint, at, durationMs }: Attempt['logins'][number]): Bar {
  const who = user === undefined ? '' : ` ${user}`;
  return {
    kind: 'login',
    name: `${ok ? 'login' : 'login refused'}${who}`,
    note: [label, endpoint].filter((each) => each !== undefined).join(' at '),
    isBad: !ok,
    from: at - (durationMs ?? 0),
    ...(durationMs === undefined ? {} : { took: durationMs }),
    total: 0,
  };
}

function createRow({ kind, name }: Row): View<Row> {
  const note = element('span', { class: 'quiet' });
  const bar = element('span', { class: 'bar' });
  const time = element('span', { class: 'took' });
  const row = element(
    'li',
    { 'data-kind': kind },
    element('span', { class: 'what' }, element('span', {}, name), ' ', note),
    element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
    time,
  );
  return {
    element: row,
    update({ note: text, isBad, from, took, total }) {
      setText(note, text);
      setAttribute(row, 'data-bad', isBad ? 'yes' : undefined);
      setAttribute(row, 'data-point', took === undefined ? 'yes' : undefined);
      bar.style.setProperty('margin-inline-start', `min(${(from / total) * 100}%, 100% - 4px)`);
      if (took !== undefined) bar.style.setProperty('inline-size', `${(took / total) * 100}%`);
      setText(time, took === undefined ? `at ${duration(from)}` : duration(took));
    },
  };
}
