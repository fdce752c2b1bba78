interface Due {
  readonly arn: string;
  readonly at: number;
}

/** What is due when, the earliest first. Planning a secret anew replaces its plan. */
export class DueQueue {
  // A binary heap; entries whose plan has changed are skipped when they come up.
  readonly #heap: Due[] = [];
  readonly #plans = new Map<string, Due>();

  /** @param at milliseconds since 1970; `undefined` takes the secret out */
  plan(arn: string, at: number | undefined): void {
    if (this.#plans.get(arn)?.at === at) return;
    if (at === undefined) {
      this.#plans.delete(arn);
      return;
    }
    const due = { arn, at };
    this.#plans.set(arn, due);
    this.#heap.push(due);
    this.#rise(this.#heap.length - 1);
  }

  /** When the first is due. */
  next(): number | undefined {
    return this.#first()?.at;
  }

  /** Takes out the first that is due by `now`. */
  take(now: number): string | undefined {
    const first = this.#first();
    if (first === undefined || first.at > now) return undefined;
    this.#plans.delete(first.arn);
    this.#pop();
    return first.arn;
  }

  #first(): Due | undefined {
    let first = this.#heap[0];
    while (first !== undefined && this.#plans.get(first.arn) !== first) {
      this.#pop();
      first = this.#heap[0];
    }
    return first;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(from: number): void {
    let index = from;
    for (;;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      let first = index;
      if (left < this.#heap.length && this.#isBefore(left, first)) first = left;
      if (right < this.#heap.length && this.#isBefore(right, first)) first = right;
      if (first === index) return;
      this.#swap(index, first);
      index = first;
    }
  }

  // Ties go by ARN, so that the same plans come up in the same order.
  #isBefore(index: number, other: number): boolean {
    const [a, b] = [this.#heap[index] as Due, this.#heap[other] as Due];
    return a.at < b.at || (a.at === b.at && a.arn < b.arn);
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a] as Due;
    this.#heap[a] = this.#heap[b] as Due;
    this.#heap[b] = kept;
  }
}
