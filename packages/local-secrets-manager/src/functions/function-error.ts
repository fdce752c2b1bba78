/** How a rotation function failed, as Lambda reports it. The message is the function's own: it may hold anything. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  /** The thrown error's name, or Lambda's own, such as `Sandbox.Timedout` or `Runtime.ExitError`. */
  readonly errorType: string;
  readonly trace: readonly string[];

  constructor(errorType: string, errorMessage: string, trace: readonly string[] = []) {
    super(errorMessage);
    this.errorType = errorType;
    this.trace = trace;
  }
}

/** @param timeoutMs the function's timeout, in milliseconds */
export function timedOut(requestId: string, timeoutMs: number): FunctionError {
  const text = `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  return new FunctionError('Sandbox.Timedout', text);
}

/** @param timeoutMs how long a process may take to start, in milliseconds */
export function initTimedOut(requestId: string, timeoutMs: number): FunctionError {
  const text = `RequestId: ${requestId} Error: Init timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  return new FunctionError('Sandbox.Timedout', text);
}

/** @param status how the process ended, such as `exit status 1` or `signal: killed`; empty for a clean exit */
export function runtimeExited(requestId: string, status: string): FunctionError {
  const how = status === '' ? 'Runtime exited without providing a reason' : `Runtime exited with error: ${status}`;
  return new FunctionError('Runtime.ExitError', `RequestId: ${requestId} Error: ${how}`);
}

/** What an in-process handler threw, as Lambda would report it. */
export function thrown(error: unknown): FunctionError {
  if (error instanceof FunctionError) return error;
  if (!(error instanceof Error)) return new FunctionError('Error', String(error));
  return new FunctionError(error.name, error.message, error.stack?.split('\n') ?? []);
}
