/// <reference lib="dom" />
import type { SecretView, VersionView } from '../src/page/page-wire.ts';
import { Refused, readValue } from './actions.ts';
import { button, element, setAttribute, setText } from './elements.ts';
import { dateAndTime } from './format.ts';
import { KeyedList, type View } from './keyed-list.ts';

const SHOWN_VERSIONS = 20;

/** The versions of a secret with their staging labels. A value is asked for only when somebody wants to see it. */
export class VersionsList {
  readonly element: HTMLElement;
  readonly #list: KeyedList<VersionView>;

  constructor(arn: string) {
    const list = element('ul', { class: 'versions' });
    this.element = element('section', {}, element('h2', {}, 'Versions and labels'), list);
    this.#list = new KeyedList(
      list,
      ({ id }) => id,
      (version) => createVersion(arn, version),
    );
  }

  update({ versions }: SecretView): void {
    // Those with a label first, as they are the ones that count.
    const labelled = versions.filter(({ labels }) => labels.length > 0);
    const others = versions.filter(({ labels }) => labels.length === 0);
    this.#list.update([...labelled, ...others].slice(0, SHOWN_VERSIONS));
  }
}

function createVersion(arn: string, { id, createdAt }: VersionView): View<VersionView> {
  const labels = element('span', { class: 'labels' });
  const value = element('pre', { class: 'value', id: `value-${id}`, tabindex: '0', 'aria-label': 'Value' });
  value.hidden = true;
  const toggle = button('Show value', { 'aria-expanded': 'false', 'aria-controls': value.id }, () => {
    if (value.hidden) void show();
    else hide();
  });
  let hasValue = false;

  const show = async (): Promise<void> => {
    if (!hasValue) return;
    const text = await readValue(arn, id).catch((error: unknown) => {
      if (error instanceof Refused) return error.message;
      throw error;
    });
    setText(value, text);
    value.hidden = false;
    setAttribute(toggle, 'aria-expanded', 'true');
    setText(toggle, 'Hide value');
  };
  const hide = (): void => {
    value.hidden = true;
    // Out of the page, not only out of sight.
    setText(value, '');
    setAttribute(toggle, 'aria-expanded', 'false');
    setText(toggle, 'Show value');
  };

  const idText = element('code', {}, id);
  const line = element(
    'div',
    { class: 'version' },
    labels,
    element('span', { class: 'version-id' }, idText, element('span', { class: 'quiet' }, dateAndTime(createdAt))),
    toggle,
  );
  return {
    element: element('li', {}, line, value),
    update(version) {
      hasValue = version.hasValue;
      const shown = version.labels.join('\n');
      if (labels.dataset.shown !== shown) {
        labels.dataset.shown = shown;
        labels.replaceChildren(...chips(version.labels));
      }
      setAttribute(toggle, 'aria-disabled', hasValue ? undefined : 'true');
      setText(toggle, !hasValue ? 'No value yet' : value.hidden ? 'Show value' : 'Hide value');
    },
  };
}

function chips(labels: readonly string[]): HTMLElement[] {
  if (labels.length === 0) return [element('span', { class: 'chip' }, 'no label')];
  return labels.map((label) => element('span', { class: 'chip', 'data-label': label }, label));
}
