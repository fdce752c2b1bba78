/// <reference lib="dom" />
import type { Model } from './model.ts';

/** Keeps a model up to date with the service, and says when it cannot. The browser connects again by itself. */
export class Stream {
  readonly #model: Model;
  #source: EventSource | undefined;

  constructor(model: Model) {
    this.#model = model;
  }

  /** Starts anew, with what the model looks for now. */
  open(): void {
    this.#source?.close();
    const { find, selected } = this.#model;
    const source = new EventSource(`/page/events?${new URLSearchParams({ find, selected })}`);
    source.addEventListener('state', ({ data }) => this.#model.begin(JSON.parse(data)));
    source.addEventListener('change', ({ data }) => this.#model.change(JSON.parse(data)));
    source.addEventListener('error', () => this.#model.set('isLive', false));
    this.#source = source;
  }
}
