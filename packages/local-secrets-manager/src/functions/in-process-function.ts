import { randomUUID } from 'node:crypto';
import { runtimeExited, thrown, timedOut } from './function-error.ts';
import type { FunctionIdentity, RotationEvent, RotationHandler, RotationTarget } from './rotation-target.ts';

/** Settings of an in-process function. */
export interface InProcessOptions {
  /** In milliseconds of real time. @default - 30 s */
  readonly timeoutMs?: number;
}

/**
 * A function that runs in this process, for tests. A handler cannot be stopped from outside: after a
 * kill or a time-out its invocation has failed, and what it does from then on is what a frozen process
 * would not do, so let its calls freeze too.
 */
export function inProcess(handler: RotationHandler, { timeoutMs = 30_000 }: InProcessOptions = {}): RotationTarget {
  const running = new Set<() => void>();
  return {
    async invoke(event: RotationEvent, identity: FunctionIdentity): Promise<unknown> {
      const awsRequestId = randomUUID();
      const deadline = performance.now() + timeoutMs;
      const context = {
        awsRequestId,
        functionName: identity.functionName,
        functionVersion: '$LATEST',
        invokedFunctionArn: identity.functionArn,
        memoryLimitInMB: '128',
        getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
      } as const;
      const ended = Promise.withResolvers<never>();
      const kill = (): void => ended.reject(runtimeExited(awsRequestId, 'signal: killed'));
      const timer = setTimeout(() => ended.reject(timedOut(awsRequestId, timeoutMs)), timeoutMs);
      running.add(kill);
      try {
        return await Promise.race([ended.promise, (async () => handler(event, context))()]);
      } catch (error) {
        throw thrown(error);
      } finally {
        clearTimeout(timer);
        running.delete(kill);
      }
    },
    kill(): void {
      for (const kill of running) kill();
    },
    async close(): Promise<void> {
      this.kill();
    },
  };
}
