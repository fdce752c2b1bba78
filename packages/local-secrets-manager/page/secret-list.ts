/// <reference lib="dom" />
import type { SecretView } from '../src/page/page-wire.ts';
import { element, setAttribute, setText } from './elements.ts';
import { count } from './format.ts';
import { KeyedList, type View } from './keyed-list.ts';
import type { Model } from './model.ts';
import type { Attempt } from './rotations.ts';

interface Item {
  readonly secret: SecretView;
  readonly last: Attempt | undefined;
  readonly isSelected: boolean;
}

/** The secrets, with a box to find one among many. */
export class SecretList {
  readonly #total = element('span', { class: 'quiet' });
  readonly #list: KeyedList<Item>;

  /** @param find hears of each change of the text to look for */
  constructor(nav: HTMLElement, find: (text: string) => void) {
    const box = element('input', {
      type: 'search',
      placeholder: 'Find a secret',
      'aria-label': 'Find a secret by its name',
      spellcheck: 'false',
    });
    box.addEventListener('input', () => find(box.value));
    const list = element('ul');
    nav.append(element('div', { class: 'list-head' }, element('h2', {}, 'Secrets'), this.#total), box, list);
    this.#list = new KeyedList(list, ({ secret }) => secret.arn, createItem);
  }

  update(model: Model): void {
    const { listed, total, selected } = model;
    setText(this.#total, listed.length === total ? String(total) : `${listed.length} of ${total}`);
    this.#list.update(
      listed.map((secret) => ({
        secret,
        last: model.attemptsAt(secret.arn).at(-1),
        isSelected: secret.name === selected,
      })),
    );
  }
}

function createItem({ secret: { name } }: Item): View<Item> {
  const state = element('span', { class: 'state' });
  const details = element('span', { class: 'quiet' });
  const link = element(
    'a',
    { href: `#${encodeURIComponent(name)}` },
    element('span', { class: 'name' }, name),
    element('span', { class: 'below' }, state, details),
  );
  return {
    element: element('li', {}, link),
    update({ secret, last, isSelected }) {
      setAttribute(link, 'aria-current', isSelected ? 'page' : undefined);
      const [mark, text] = stateOf(secret, last);
      setAttribute(state, 'data-state', mark);
      setText(state, text);
      setText(details, count(secret.versions.length, 'version'));
    },
  };
}

function stateOf({ deletionAt, rotation }: SecretView, last: Attempt | undefined): [mark: string, text: string] {
  if (deletionAt !== undefined) return ['off', 'deleted'];
  if (last?.outcome === 'running') return ['running', 'rotating'];
  if (rotation === undefined) return ['off', 'no rotation'];
  if (!rotation.enabled) return ['off', 'rotation off'];
  if (last !== undefined && last.outcome !== 'succeeded') return ['failed', `rotation ${last.outcome}`];
  return last === undefined ? ['off', 'rotation on'] : ['ok', 'rotated'];
}
