import { type RotationWindow, scheduleOf } from '@keyturn/rotation-schedule';
import type { Clock } from '../clock.ts';
import type { Rotation, Secret } from '../state/secret.ts';
import { DueQueue } from './due-queue.ts';

// A timer of more than some 24 days would end at once.
const LONGEST_SLEEP_MS = 24 * 60 * 60 * 1000;

/** What the scheduler works with. */
export interface SchedulerParts {
  readonly clock: Clock;
  /** From 0 to 1; see RotationSettings. */
  readonly momentInWindow: () => number;
  /** Called when a secret's rotation is due. */
  readonly start: (arn: string) => void;
}

/** Starts the scheduled rotations: one alarm on the service's clock, set for whatever is due first. */
export class RotationScheduler {
  readonly #parts: SchedulerParts;
  readonly #queue = new DueQueue();
  readonly #planned = new Map<string, Rotation>();
  #alarm: { readonly at: number; readonly off: AbortController } | undefined = undefined;
  #isClosed = false;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  /** Plans a secret's next rotation after its state has changed; `undefined` where it is gone. */
  changed(arn: string, secret: Secret | undefined): void {
    const rotation = secret?.deletionAt === undefined ? secret?.rotation : undefined;
    if (rotation === this.#planned.get(arn)) return;
    if (rotation === undefined) this.#planned.delete(arn);
    else this.#planned.set(arn, rotation);
    this.#queue.plan(arn, rotation === undefined ? undefined : this.#dueAt(rotation));
    this.#set();
  }

  /** Starts nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#alarm?.off.abort();
  }

  #dueAt(rotation: Rotation): number | undefined {
    const window = nextWindow(rotation, Math.max(rotation.countedFrom, rotation.triedAt ?? 0));
    if (window === undefined) return undefined;
    const part = Math.min(Math.max(this.#parts.momentInWindow(), 0), 1);
    return Math.min(window.opensAt + part * (window.closesAt - window.opensAt), window.closesAt - 1);
  }

  #set(): void {
    const at = this.#queue.next();
    if (this.#isClosed || at === this.#alarm?.at) return;
    this.#alarm?.off.abort();
    this.#alarm = undefined;
    if (at === undefined) return;
    const alarm = { at, off: new AbortController() };
    this.#alarm = alarm;
    const { clock } = this.#parts;
    const ms = Math.min(Math.max(at - clock.now(), 0), LONGEST_SLEEP_MS);
    const sleep = clock.doze?.(ms, alarm.off.signal) ?? clock.sleep(ms, alarm.off.signal);
    // An alarm that is put off was replaced by another.
    sleep.then(
      () => this.#ring(alarm.off),
      () => undefined,
    );
  }

  #ring(off: AbortController): void {
    if (this.#alarm?.off !== off || this.#isClosed) return;
    this.#alarm = undefined;
    for (let arn = this.#queue.take(this.#now()); arn !== undefined; arn = this.#queue.take(this.#now())) {
      this.#parts.start(arn);
    }
    this.#set();
  }

  #now(): number {
    return this.#parts.clock.now();
  }
}

/**
 * The next window of a rotation that is turned on and has a schedule.
 * @param from what it is counted from @default - the last rotation, or what counts as one
 */
export function nextWindow(rotation: Rotation, from: number = rotation.countedFrom): RotationWindow | undefined {
  if (!rotation.enabled || rotation.rules === undefined) return undefined;
  return scheduleOf(rotation.rules)?.({ countedFrom: from, setAt: rotation.rulesSetAt ?? rotation.countedFrom });
}
