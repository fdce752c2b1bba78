/// <reference lib="dom" />
import type { SecretView } from '../src/page/page-wire.ts';
import { Refused, reattempt, rotate } from './actions.ts';
import { button, element, setAttribute, setText } from './elements.ts';
import { functionName } from './format.ts';
import type { Attempt } from './rotations.ts';

/** The button that starts a rotation, the choice of a function where the secret has none yet, and a refusal. */
export class RotateControl {
  readonly controls: HTMLElement;
  readonly message: HTMLElement = element('p', { class: 'refusal', role: 'alert' });
  readonly #button: HTMLButtonElement;
  readonly #functions = element('select', { 'aria-label': 'Rotation function' });
  #start: (() => Promise<void>) | undefined;
  #isAsking = false;

  constructor(arn: string) {
    this.#button = button('Rotate now', { class: 'primary' }, () => void this.#press());
    this.controls = element('div', { class: 'controls' }, this.#functions, this.#button);
    this.message.id = `refusal-${arn}`;
  }

  update(secret: SecretView, last: Attempt | undefined, functionArns: readonly string[]): void {
    const { arn, rotation, deletionAt } = secret;
    this.#offer(rotation === undefined ? functionArns : []);
    const waits = rotation?.incomplete !== undefined && last !== undefined && last.outcome === 'failed';
    const isRunning = last?.outcome === 'running';
    const canRotate = deletionAt === undefined && (rotation !== undefined || functionArns.length > 0);
    setText(this.#button, isRunning ? 'Rotating …' : waits ? 'Try again' : 'Rotate now');
    this.#start =
      !canRotate || isRunning
        ? undefined
        : waits
          ? () => reattempt(arn)
          : () => rotate(arn, rotation === undefined ? this.#functions.value : undefined);
    // Not "disabled": that would take the keyboard's focus away in the middle of it.
    setAttribute(this.#button, 'aria-disabled', this.#start === undefined ? 'true' : undefined);
    const hint = canRotate || deletionAt !== undefined ? undefined : 'Start with --function NAME=bundle.mjs to rotate';
    setAttribute(this.#button, 'title', hint);
  }

  #offer(functionArns: readonly string[]): void {
    this.#functions.hidden = functionArns.length === 0;
    const offered = [...this.#functions.options].map(({ value }) => value);
    if (offered.join() === functionArns.join()) return;
    this.#functions.replaceChildren(...functionArns.map((arn) => element('option', { value: arn }, functionName(arn))));
  }

  async #press(): Promise<void> {
    if (this.#start === undefined || this.#isAsking) return;
    this.#isAsking = true;
    setText(this.message, '');
    try {
      await this.#start();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setText(this.message, error.message);
    } finally {
      this.#isAsking = false;
    }
  }
}
