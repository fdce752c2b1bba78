import { callHook } from '../after-rotation.ts';
import type { Rotation, Strategy } from '../rotation.ts';
import { isProven, prove } from './test-secret.ts';

/**
 * Promotes the version to AWSCURRENT, and calls the hook. AWSPENDING stays on the version, as with AWS's
 * functions: that marks the rotation as finished when the same step is sent again.
 */
export async function finishSecret(rotation: Rotation, strategy: Strategy): Promise<void> {
  const { versions, log, memory, event, settings } = rotation;
  const { afterRotation } = settings;
  const description = await versions.describe();
  if (description.state === 'finished') {
    if (afterRotation !== undefined) await callHook(afterRotation, description, false, rotation);
    return log.info('already-finished');
  }
  // The process that tested the version is mostly this one. Where it is not, its word is not to be had: test again.
  if (!isProven(rotation)) await prove(await versions.pendingWithValue(), rotation, strategy);
  const movedBefore = await versions.promote(description);
  memory.proven.delete(`${event.SecretId} ${event.ClientRequestToken}`);
  log.info('promoted');
  if (afterRotation === undefined) return;
  await callHook(afterRotation, movedBefore ?? description, movedBefore === undefined, rotation);
}
