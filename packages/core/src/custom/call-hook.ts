import type { Rotation } from '../rotation.ts';
import { hookError, outOfTime } from './hook-error.ts';

/** Which hook is called, with which version's credential, and what must stand in no message of it. */
export interface HookCall {
  readonly hook: string;
  /** The label, or version id, of the credential in use. */
  readonly stage: string;
  readonly hidden: readonly string[];
}

/**
 * Calls a hook that somebody else wrote. It ends with the invocation's time, also where it waits without the signal.
 * @throws RotationError and nothing else: what the hook threw, or `deadline-exceeded`; none of `hidden` stands in it
 */
export async function callHook<T>(
  { hook, stage, hidden }: HookCall,
  rotation: Rotation,
  run: () => T | Promise<T>,
): Promise<T> {
  const { deadline } = rotation;
  deadline.check(`call ${hook}`);
  const { signal } = deadline;
  const ended = Promise.withResolvers<never>();
  const onAbort = (): void => ended.reject(outOfTime(hook));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([(async () => run())(), ended.promise]);
  } catch (error) {
    throw hookError(hook, error, hidden, rotation).with({ stage });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
