/** The event that Secrets Manager sends for a step (fact 21). */
export interface RotationEvent {
  readonly Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';
  /** The full ARN. */
  readonly SecretId: string;
  /** The id of the version that the rotation makes. */
  readonly ClientRequestToken: string;
  readonly RotationToken: string;
}

/** What a handler learns of its invocation: the part of Lambda's context that rotation needs. */
export interface FunctionContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: '$LATEST';
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
}

/** A handler that runs in this process. */
export type RotationHandler = (event: RotationEvent, context: FunctionContext) => unknown;

/** What a registered function is told about itself. */
export interface FunctionIdentity {
  readonly functionName: string;
  readonly functionArn: string;
  readonly region: string;
  /** What the function signs its calls with: by it the service knows who calls over HTTP. */
  readonly accessKeyId: string;
  /** Where the service listens, if it does. */
  readonly endpoint: () => string | undefined;
}

/** Something that runs a function. */
export interface RotationTarget {
  /** @throws FunctionError */
  invoke(event: RotationEvent, identity: FunctionIdentity): Promise<unknown>;
  /** Ends the running invocation as SIGKILL does. Does nothing where none runs. */
  kill(): void;
  /** Ends everything that the target has started. */
  close(): Promise<void>;
}
