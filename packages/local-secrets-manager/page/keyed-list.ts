/** A part of the page that shows one item, and goes on showing it as it changes. */
export interface View<T> {
  readonly element: HTMLElement;
  update(item: T): void;
}

/** Shows a list of items and keeps each one's element while it is listed: focus and what is open stay. */
export class KeyedList<T> {
  readonly #parent: HTMLElement;
  readonly #keyOf: (item: T) => string;
  readonly #create: (item: T) => View<T>;
  readonly #views = new Map<string, View<T>>();

  constructor(parent: HTMLElement, keyOf: (item: T) => string, create: (item: T) => View<T>) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#create = create;
  }

  update(items: readonly T[]): void {
    const keys = new Set(items.map(this.#keyOf));
    for (const [key, view] of this.#views) {
      if (keys.has(key)) continue;
      view.element.remove();
      this.#views.delete(key);
    }
    let place = this.#parent.firstElementChild;
    for (const item of items) {
      const key = this.#keyOf(item);
      const view = this.#views.get(key) ?? this.#create(item);
      this.#views.set(key, view);
      view.update(item);
      if (view.element === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(view.element, place);
    }
  }
}
