import { RotationError } from './errors.ts';
import type { Rotation, Strategy } from './rotation.ts';
import type { SecretDescription } from './secrets-manager.ts';

const minuteMs = 60_000;

/**
 * Refuses, before anything is changed, a rotation that would end the previous credential before its grace
 * period is over: two rotations in a row would else fail clients that have yet to read the secret again.
 * @throws RotationError `grace-period-not-over`, naming when it is; `invalid-configuration` where the strategy
 *   ends the previous credential at once
 */
export function checkGracePeriod(
  { lastRotatedAt }: Pick<SecretDescription, 'lastRotatedAt'>,
  { settings, now }: Rotation,
  strategy: Strategy,
): void {
  const { gracePeriodMinutes } = settings;
  if (gracePeriodMinutes === 0) return;
  if (!strategy.previousWorks) {
    throw new RotationError('invalid-configuration', {
      message: `a grace period is set, and the strategy ${strategy.name} ends the previous password at setSecret`,
      remedy: 'Use alternating users, or an engine whose users may have two passwords; or set no grace period.',
    });
  }
  if (lastRotatedAt === undefined) return;
  const end = lastRotatedAt + gracePeriodMinutes * minuteMs;
  if (now() >= end) return;
  throw new RotationError('grace-period-not-over', {
    message: `the last rotation ended ${new Date(lastRotatedAt).toISOString()}, and the credential before it must work until ${new Date(end).toISOString()}`,
  });
}
