import { hasCode, RotationError } from './errors.ts';
import type { Rotation } from './rotation.ts';

/**
 * Gives this rotation's version up, so that the next rotation starts afresh.
 * @returns the sentence that tells so
 */
export async function takePendingOff({ versions, log }: Rotation): Promise<string> {
  try {
    await versions.removePending();
  } catch (failure) {
    if (!(failure instanceof RotationError)) throw failure;
    log.error('pending-not-taken-off', { code: failure.code, driverCode: failure.driverCode });
    return `AWSPENDING could not be taken off (${failure.code}): a retry takes it off, or do it by hand.`;
  }
  log.warn('pending-taken-off');
  return 'AWSPENDING has been taken off: the next rotation starts afresh.';
}

/**
 * A password that the server's rules refuse would be refused at every retry: without AWSPENDING, the next
 * rotation makes another one. The server has kept the old password, so nothing is lost.
 */
export async function refusalTakesPendingOff(rotation: Rotation, change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!hasCode(error, 'password-refused')) throw error;
    throw error.with({ remedy: `${error.remedy} ${await takePendingOff(rotation)}` });
  }
}
