import { isDeepStrictEqual } from 'node:util';
import { RotationError } from './errors.ts';
import type { Rotation } from './rotation.ts';
import { parseSecretText } from './secret-text.ts';
import { AWSPENDING } from './secret-versions.ts';
import type { SecretVersion } from './secrets-manager.ts';
import { takePendingOff } from './take-pending-off.ts';

/**
 * Somebody may have stored a new value since createSecret made this one. Promoting this one would undo
 * their change, so it is given up; should the service have its credential already, the next rotation finds it.
 * @param replaced the keys that this rotation itself gives new values
 * @throws RotationError `secret-changed`; AWSPENDING has been taken off then
 */
export async function checkBasedOn(
  current: SecretVersion,
  pending: SecretVersion,
  replaced: readonly string[],
  rotation: Rotation,
): Promise<void> {
  const kept = ({ text }: SecretVersion) =>
    Object.entries(parseSecretText(text)).filter(([key]) => !replaced.includes(key));
  if (isDeepStrictEqual(Object.fromEntries(kept(current)), Object.fromEntries(kept(pending)))) return;
  const error = new RotationError('secret-changed', {
    message: 'AWSCURRENT has other keys or values than when AWSPENDING was made from it',
    stage: AWSPENDING,
  });
  throw error.with({ remedy: await takePendingOff(rotation) });
}
