/// <reference lib="dom" />
import type { SecretView } from '../src/page/page-wire.ts';
import { element, setText } from './elements.ts';
import { dateAndTime } from './format.ts';
import type { Model } from './model.ts';
import { RotateControl } from './rotate-control.ts';
import { RotationPanel } from './rotation-panel.ts';
import { TimelineList } from './timeline-list.ts';
import { VersionsList } from './versions-list.ts';

/** Everything of one secret. */
export class SecretPanel {
  readonly arn: string;
  readonly element: HTMLElement;
  readonly #name = element('h1');
  readonly #description = element('p');
  readonly #schedule = element('p', { class: 'quiet' });
  readonly #rotate: RotateControl;
  readonly #rotations = new RotationPanel();
  readonly #versions: VersionsList;
  readonly #timeline = new TimelineList();

  constructor(arn: string) {
    this.arn = arn;
    this.#rotate = new RotateControl(arn);
    this.#versions = new VersionsList(arn);
    const title = element('div', { class: 'title' }, this.#name, this.#rotate.controls);
    this.element = element(
      'article',
      {},
      element(
        'header',
        {},
        title,
        this.#description,
        element('p', { class: 'quiet' }, element('code', {}, arn)),
        this.#schedule,
        this.#rotate.message,
      ),
      this.#rotations.element,
      this.#versions.element,
      this.#timeline.element,
    );
  }

  update(secret: SecretView, model: Model): void {
    const attempts = model.attemptsAt(secret.arn);
    setText(this.#name, secret.name);
    setText(this.#description, secret.description ?? '');
    setText(this.#schedule, scheduleOf(secret));
    this.#rotate.update(secret, attempts.at(-1), model.functionArns);
    this.#rotations.update(attempts);
    this.#versions.update(secret);
    this.#timeline.update(model.entries, secret.arn);
  }
}

function scheduleOf({ deletionAt, rotation }: SecretView): string {
  if (deletionAt !== undefined) return `Deleted; it can be restored until ${dateAndTime(deletionAt)}.`;
  if (rotation === undefined) return 'Rotation was never turned on.';
  if (!rotation.enabled) return 'Rotation is turned off.';
  const { lastRotatedAt: last, nextRotationAt: next } = rotation;
  const parts = [
    last === undefined ? 'Not rotated yet' : `Last rotated ${dateAndTime(last)}`,
    next === undefined ? 'no schedule' : `next by ${dateAndTime(next)}`,
  ];
  return `${parts.join(', ')}.`;
}
