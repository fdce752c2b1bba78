import type { Rotation, Strategy } from '../rotation.ts';
import { isProven, prove } from './test-secret.ts';

/**
 * Promotes the version to AWSCURRENT. AWSPENDING stays on it, as with AWS's functions: that marks the
 * rotation as finished when the same step is sent again.
 */
export async function finishSecret(rotation: Rotation, strategy: Strategy): Promise<void> {
  const { versions, log, memory, event } = rotation;
  const description = await versions.describe();
  if (description.state === 'finished') return log.info('already-finished');
  // The process that tested the version is mostly this one. Where it is not, its word is not to be had: test again.
  if (!isProven(rotation)) await prove(await versions.pendingWithValue(), rotation, strategy);
  await versions.promote(description);
  memory.proven.delete(`${event.SecretId} ${event.ClientRequestToken}`);
  log.info('promoted');
}
