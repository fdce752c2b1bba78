/// <reference lib="dom" />
import { button, element, setAttribute, setText } from './elements.ts';
import { count, duration, shortId, timeOfDay } from './format.ts';
import { KeyedList, type View } from './keyed-list.ts';
import type { Attempt, StepProgress } from './rotations.ts';
import { Waterfall } from './waterfall.ts';

const SHOWN_ATTEMPTS = 8;

/** A rotation step by step, why it failed, what it called, and the attempts before. */
export class RotationPanel {
  readonly element: HTMLElement;
  readonly #summary = element('p', { class: 'summary' });
  readonly #steps: KeyedList<StepProgress>;
  readonly #failure = element('div', { class: 'failure', role: 'alert' });
  readonly #waterfall = new Waterfall();
  readonly #history: KeyedList<Attempt>;
  readonly #historyElement = element('ol', { class: 'history', 'aria-label': 'Attempts, the newest first' });
  #attempts: readonly Attempt[] = [];
  /** The attempt that was asked for; else the newest is shown. */
  #chosen: string | undefined;
  #failureShown = '';

  constructor() {
    const steps = element('ol', { class: 'steps', 'aria-label': 'Steps' });
    this.#steps = new KeyedList(steps, ({ name }) => name, createStep);
    this.#history = new KeyedList(
      this.#historyElement,
      ({ key }) => key,
      (attempt) => this.#createPast(attempt),
    );
    this.element = element(
      'section',
      { class: 'rotation' },
      element('h2', {}, 'Rotation'),
      this.#summary,
      steps,
      this.#failure,
      this.#waterfall.element,
      this.#historyElement,
    );
  }

  update(attempts: readonly Attempt[]): void {
    // A new attempt is what one wants to see.
    if (attempts.at(-1)?.key !== this.#attempts.at(-1)?.key) this.#chosen = undefined;
    this.#attempts = attempts;
    this.#show();
  }

  #show(): void {
    const shown = this.#attempts.find(({ key }) => key === this.#chosen) ?? this.#attempts.at(-1);
    this.element.hidden = shown === undefined;
    if (shown === undefined) return;
    this.#chosen = this.#chosen === undefined ? undefined : shown.key;
    setAttribute(this.element, 'data-outcome', shown.outcome);
    this.#summary.replaceChildren(
      element('strong', { 'data-outcome': shown.outcome }, titleOf(shown)),
      element('span', { class: 'quiet' }, costOf(shown)),
    );
    this.#steps.update(shown.steps);
    this.#showFailure(shown);
    this.#waterfall.update(shown);
    const past = this.#attempts.slice(-SHOWN_ATTEMPTS).reverse();
    this.#historyElement.hidden = past.length < 2;
    this.#history.update(past);
  }

  #showFailure({ key, steps }: Attempt): void {
    const failed = steps.find(({ failure }) => failure !== undefined);
    const failure = failed?.failure;
    const shown = JSON.stringify([key, failure]);
    // Said once by a screen reader, not at each change of something else.
    if (shown === this.#failureShown) return;
    this.#failureShown = shown;
    this.#failure.hidden = failure === undefined;
    this.#failure.replaceChildren(...(failed === undefined ? [] : failureLines(failed)));
  }

  #createPast({ key, startedAt }: Attempt): View<Attempt> {
    const outcome = element('span');
    const details = element('span', { class: 'quiet' });
    const choose = button('', {}, () => {
      this.#chosen = key;
      this.#show();
    });
    choose.append(outcome, element('span', {}, timeOfDay(startedAt).slice(0, 8)), details);
    return {
      element: element('li', {}, choose),
      update: (attempt) => {
        setText(outcome, attempt.outcome);
        setAttribute(outcome, 'data-outcome', attempt.outcome);
        setText(details, `attempt ${attempt.number}`);
        const isShown = key === (this.#chosen ?? this.#attempts.at(-1)?.key);
        setAttribute(choose, 'aria-pressed', String(isShown));
      },
    };
  }
}

function failureLines({ name, failure }: StepProgress): HTMLElement[] {
  if (failure === undefined) return [];
  const { code, message, remedy } = failure;
  const head = element('p', { class: 'failure-head' }, code === undefined ? undefined : element('code', {}, code));
  head.append(` ${name} has failed`);
  const lines = [head, element('p', { class: 'failure-message' }, message)];
  return remedy === undefined
    ? lines
    : [...lines, element('p', { class: 'remedy' }, element('strong', {}, 'What to do: '), remedy)];
}

function titleOf({ outcome, isTest, number, startedAt, endedAt }: Attempt): string {
  const what = isTest ? 'Test' : number === 1 ? 'Rotation' : `Rotation, attempt ${number},`;
  if (endedAt === undefined) return `${what} running`;
  return `${what} ${outcome} ${outcome === 'succeeded' ? 'in' : 'after'} ${duration(endedAt - startedAt)}`;
}

function costOf({ calls, logins, versionId, functionName }: Attempt): string {
  const refused = logins.filter(({ ok }) => !ok).length;
  return [
    count(calls.length, 'call'),
    `${count(logins.length - refused, 'login')}${refused === 0 ? '' : `, ${refused} refused`}`,
    functionName,
    `version ${shortId(versionId)}`,
  ].join(' · ');
}

function createStep({ name }: StepProgress): View<StepProgress> {
  const state = element('span', { class: 'unseen' });
  const time = element('span', { class: 'step-time' });
  const item = element(
    'li',
    {},
    element('span', { class: 'step-mark', 'aria-hidden': 'true' }),
    element('span', { class: 'step-name' }, name),
    state,
    time,
  );
  return {
    element: item,
    update(step) {
      setAttribute(item, 'data-state', step.state);
      setAttribute(item, 'aria-current', step.state === 'running' ? 'step' : undefined);
      setText(state, step.state);
      setText(
        time,
        step.durationMs === undefined ? (step.state === 'running' ? 'running' : '') : duration(step.durationMs),
      );
    },
  };
}
