/** A moment in a rotation at which it waits for something outside: each one may be its last. */
export interface CrashPoint {
  /** Names the call: `PutSecretValue 1`, `connection 2`, `connection 2 statement 1`. The same run has the same names. */
  readonly name: string;
  /** `before`: nothing of it has happened; `after`: it has taken effect, and its answer has not arrived. */
  readonly moment: 'before' | 'after';
}

/** `killed`: the process is gone at once. `dropped`: it sees the connection break and may go on. */
type CrashKind = 'killed' | 'dropped';

/** One crash: where, and which. */
export interface Crash {
  readonly point: CrashPoint;
  readonly kind: CrashKind;
}

export function sameCrashPoint(a: CrashPoint, b: CrashPoint): boolean {
  return a.name === b.name && a.moment === b.moment;
}

/** Every crash that can happen at the recorded points. */
export function crashesAt(points: readonly CrashPoint[]): Crash[] {
  return points.flatMap((point) => (['killed', 'dropped'] as const).map((kind) => ({ point, kind })));
}

/** Gives calls their names by counting, the same in every run. */
export class CallCounter {
  readonly #counts = new Map<string, number>();

  next(kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return `${kind} ${count}`;
  }
}
