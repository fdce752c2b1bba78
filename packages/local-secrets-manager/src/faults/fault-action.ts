/** A place in a call where a fault may strike. */
export interface CallPoint {
  readonly operation: string;
  /** Which call of this operation, from 1: through this door for a door's hook, else through all. */
  readonly nth: number;
  /** Which call of any operation, from 1, counted the same way. */
  readonly call: number;
  /** Before the call takes effect, or after it and before it is answered. */
  readonly moment: 'before' | 'after';
  /** The secret's ARN, or what the call named where no secret was found. */
  readonly secretId: string | undefined;
  readonly caller: string;
  /** The rotation function that makes the call, where one does. */
  readonly functionName: string | undefined;
}

/**
 * What happens to a call at a {@link CallPoint}.
 * - `drop`: the connection breaks. In-process the request rejects with code ECONNRESET; over HTTP the socket is destroyed.
 * - `freeze`: no answer ever, until the request is aborted or the client has gone: its process is dead.
 * - `kill`: the process of the function that makes the call gets SIGKILL, and the call freezes. An in-process function
 *   ends as a killed one does. Where the caller is no function, it only freezes.
 * - `error`: this error is answered. `throttle`: the service's ThrottlingException is.
 * - `delay`: the call waits, by the service's clock, and goes on.
 * - `stale`: a read answers from before the last write, or from before writes younger than `withinMs`. Before only.
 */
export type FaultAction =
  | { readonly action: 'pass' }
  | { readonly action: 'drop' }
  | { readonly action: 'freeze' }
  | { readonly action: 'kill' }
  | { readonly action: 'error'; readonly type: string; readonly message?: string; readonly status?: number }
  | { readonly action: 'throttle' }
  | { readonly action: 'delay'; readonly ms: number }
  | { readonly action: 'stale'; readonly withinMs?: number };

/** Decides at each point of each call. Nothing returned passes. */
export type CallHook = (point: CallPoint) => FaultAction | undefined | Promise<FaultAction | undefined>;

/** A fault that strikes by itself: which calls, when, what, how often. */
export type Fault = FaultAction & {
  readonly moment: 'before' | 'after';
  /** @default - every operation */
  readonly operation?: string;
  /** The secret's ARN. @default - every secret */
  readonly secretId?: string;
  /** @default - every caller */
  readonly caller?: string;
  /** @default - every function, and callers that are none */
  readonly functionName?: string;
  /** The first of the matching calls that it strikes, from 1. @default - the first */
  readonly nth?: number;
  /** How many matching calls it strikes. @default - one where nth is given, else all */
  readonly times?: number;
};
