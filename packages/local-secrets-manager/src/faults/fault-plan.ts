import type { CallHook, CallPoint, Fault, FaultAction } from './fault-action.ts';

/** A call as faults know it, before they have counted it. */
export type CountedCall = Omit<CallPoint, 'moment' | 'nth' | 'call'>;

/** What strikes one call, asked once for each moment. */
export type CallFaults = (moment: CallPoint['moment']) => Promise<FaultAction>;

/** Counts the calls that pass one door, or all. */
export class CallCounter {
  #calls = 0;
  readonly #byOperation = new Map<string, number>();

  count(operation: string): { nth: number; call: number } {
    const nth = (this.#byOperation.get(operation) ?? 0) + 1;
    this.#byOperation.set(operation, nth);
    this.#calls += 1;
    return { nth, call: this.#calls };
  }
}

/** A hook with the counter of the calls that it is asked about. */
export interface CountedHook {
  readonly hook: CallHook | undefined;
  readonly counter: CallCounter;
}

/** The faults of the service: a hook, and a list of declared ones. Both may be replaced at any time. */
export class FaultPlan {
  #faults: { readonly fault: Fault; matched: number }[] = [];
  #own: CountedHook = { hook: undefined, counter: new CallCounter() };

  /** Replaces the declared faults. Their calls are counted from here. */
  setFaults(faults: readonly Fault[]): void {
    this.#faults = faults.map((fault) => ({ fault, matched: 0 }));
  }

  /** Replaces the hook. The calls that it hears of are counted from here. */
  setHook(hook: CallHook | undefined): void {
    this.#own = { hook, counter: new CallCounter() };
  }

  /** Counts a call and finds what strikes it: the door's hook, then the service's, then the declared faults. */
  begin(call: CountedCall, door: CountedHook): CallFaults {
    const hooks = [door, this.#own].map(({ hook, counter }) => ({ hook, counts: counter.count(call.operation) }));
    const declared = this.#faults
      .filter(({ fault }) => concerns(fault, call))
      .filter((each) => strikes(each.fault, ++each.matched))
      .map((each) => each.fault);
    return async (moment) => {
      for (const { hook, counts } of hooks) {
        const action = await hook?.({ ...call, ...counts, moment });
        if (action !== undefined && action.action !== 'pass') return action;
      }
      return declared.find((fault) => fault.moment === moment) ?? { action: 'pass' };
    };
  }
}

function concerns(fault: Fault, call: CountedCall): boolean {
  return (['operation', 'secretId', 'caller', 'functionName'] as const).every(
    (key) => fault[key] === undefined || fault[key] === call[key],
  );
}

function strikes({ nth, times }: Fault, count: number): boolean {
  const first = nth ?? 1;
  const last = first + (times ?? (nth === undefined ? Number.POSITIVE_INFINITY : 1)) - 1;
  return count >= first && count <= last;
}
