import type { CountedHook } from '../faults/fault-plan.ts';

/** A request as a door hands it over. */
export interface WireRequest {
  /** The `x-amz-target` header. */
  readonly target: string | undefined;
  readonly body: string;
  readonly caller: string;
  /** The rotation function that makes the call, where one does. */
  readonly functionName: string | undefined;
  readonly door: CountedHook;
  /** Aborts when the caller no longer waits. */
  readonly signal: AbortSignal;
}

/** What a door answers: AWS JSON 1.1. */
export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `ok`, or the type of the error. */
  readonly outcome: string;
  /** The version that the answer names. */
  readonly versionId?: string;
}

export const CONTENT_TYPE = 'application/x-amz-json-1.1';
