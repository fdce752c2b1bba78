/** A call of the API, recorded when it is over. Where its `at` is when it came in. */
export interface CallEntry {
  readonly kind: 'call';
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly operation: string;
  /** The secret's ARN; what the call named where no secret was found; absent where it named none. */
  readonly secretId?: string;
  /** The door's caller, the function's name, or the access key id of an HTTP request. */
  readonly caller: string;
  readonly versionId?: string;
  /** `ok`, the type of the error that was answered, or how the call ended without an answer. */
  readonly outcome: 'ok' | 'dropped' | 'frozen' | 'killed' | 'aborted' | (string & {});
  readonly durationMs: number;
  /** What a fault did to the call, such as `drop after`. */
  readonly fault?: string;
}

/** A change of a secret's staging labels: each label with its version. */
export interface LabelsEntry {
  readonly kind: 'labels';
  readonly at: number;
  readonly secretId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly before: Readonly<Record<string, string>>;
}

/** The service's rotation events (fact 29). */
export type RotationEventName =
  | 'RotationStarted'
  | 'RotationSucceeded'
  | 'RotationFailed'
  | 'RotationAbandoned'
  | 'TestRotationStarted'
  | 'TestRotationSucceeded'
  | 'TestRotationFailed';

/** An event as the service logs it. A rotation that is retried starts, and may fail, several times. */
export interface RotationEntry {
  readonly kind: 'rotation';
  readonly at: number;
  readonly event: RotationEventName;
  readonly eventType: 'AwsServiceEvent';
  readonly secretId: string;
  readonly versionId: string;
  readonly functionArn: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** Why, in the service's words. */
  readonly errorMessage?: string;
}

/** One step of a rotation, recorded when the function has answered. */
export interface StepEntry {
  readonly kind: 'step';
  readonly at: number;
  readonly secretId: string;
  readonly step: string;
  readonly token: string;
  readonly outcome: 'ok' | 'error';
  readonly durationMs: number;
  /** What the function answered, with every stored secret value blacked out. */
  readonly error?: { readonly errorType: string; readonly errorMessage: string };
}

/** What others record, such as `{ kind: 'login', user: 'app', ok: true }`. It must hold no secret value. */
export interface OtherEntry {
  readonly kind: string;
  readonly at: number;
  readonly [detail: string]: unknown;
}

export type ServiceEntry = CallEntry | LabelsEntry | RotationEntry | StepEntry;
export type TimelineEntry = ServiceEntry | OtherEntry;
