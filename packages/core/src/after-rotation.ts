import { RotationError } from './errors.ts';
import type { Rotation } from './rotation.ts';
import type { SecretDescription } from './secrets-manager.ts';

/** What a hook is told. */
export interface FinishedRotation {
  /** The ARN of the secret. */
  readonly secretId: string;
  /** The version that is AWSCURRENT now: the same whenever the hook is called for the same rotation. */
  readonly versionId: string;
  /** Aborts when the time of the invocation is used up. */
  readonly signal: AbortSignal;
}

/** Called when AWSCURRENT has moved: to tell clients, restart tasks, send an event. */
export type AfterRotation = (finished: FinishedRotation) => Promise<void>;

/** The staging label that marks the version whose hook has been called to the end. */
const hookDoneLabel = 'KEYTURN_HOOK_DONE';

/** Clocks differ: by so much, in milliseconds, the service's may be ahead of ours. */
const clockSkewMs = 60_000;

/**
 * Calls the hook, exactly once for a rotation.
 *
 * The mark that it is done is a staging label. Whoever moved AWSCURRENT calls the hook at once. An
 * invocation that finds AWSCURRENT moved and no mark cannot know whether another one is calling it right
 * now: it leaves with `hook-pending` until every invocation of that time must be over, and a retry then calls it. Only a
 * process that dies while the hook runs leaves the hook to be called again, with the same version id.
 * @param movedHere whether this invocation has moved AWSCURRENT itself
 * @throws RotationError `hook-failed`, `hook-pending`
 */
export async function callHook(
  hook: AfterRotation,
  description: SecretDescription,
  movedHere: boolean,
  rotation: Rotation,
): Promise<void> {
  const { event, versions, deadline, log, memory } = rotation;
  if (description.labels.get(event.ClientRequestToken)?.includes(hookDoneLabel)) return;
  const key = `${event.SecretId} ${event.ClientRequestToken}`;
  if (!movedHere && !memory.hookFailed.has(key)) checkNobodyElse(description, rotation);
  memory.hookFailed.delete(key);
  try {
    await hook({ secretId: event.SecretId, versionId: event.ClientRequestToken, signal: deadline.signal });
  } catch (error) {
    // This process knows that its own call is over; the next try need not wait.
    memory.hookFailed.add(key);
    // Its message is the hook's own affair, and may hold anything.
    throw new RotationError('hook-failed', {
      message: `the hook after the rotation failed (${error instanceof Error ? error.name : 'no error'})`,
    });
  }
  await versions.mark(hookDoneLabel, description);
  log.info('hook-called');
}

/** The label moved at `lastChangedAt` at the latest: whoever moved it had no more time than we began with. */
function checkNobodyElse({ lastChangedAt }: SecretDescription, { deadline, now }: Rotation): void {
  const over = (lastChangedAt ?? 0) + deadline.totalMs + clockSkewMs;
  if (now() >= over) return;
  throw new RotationError('hook-pending', {
    message: `it is not known until ${new Date(over).toISOString()} whether another invocation calls the hook`,
  });
}
