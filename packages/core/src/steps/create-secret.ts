import { RotationError } from '../errors.ts';
import { checkGracePeriod } from '../grace-period.ts';
import type { Rotation, Strategy } from '../rotation.ts';
import { AWSCURRENT } from '../secret-versions.ts';
import type { SecretDescription, SecretVersion } from '../secrets-manager.ts';

/**
 * Stores the next credential as AWSPENDING, before anything else in the world changes: from here on the
 * credential can always be read again.
 */
export async function createSecret(rotation: Rotation, strategy: Strategy): Promise<void> {
  const { versions, log } = rotation;
  // Both at once; what the labels say is the better explanation when both fail.
  const [described, read] = await Promise.allSettled([versions.describe(), versions.current()]);
  if (described.status === 'rejected') throw described.reason;
  if (described.value.state === 'finished') return log.info('already-finished');
  checkGracePeriod(described.value, rotation, strategy);
  if (read.status === 'rejected') throw read.reason;
  const current = await upToDate(read.value, described.value, rotation);
  const text = await strategy.nextValue(current, rotation);
  const stored = text !== undefined && (await versions.putPending(text));
  log.info(stored ? 'pending-stored' : 'pending-was-stored-before');
}

/** The two answers may be of different ages. DescribeSecret's version is then read by its id. */
async function upToDate(
  current: SecretVersion,
  description: SecretDescription,
  { versions }: Rotation,
): Promise<SecretVersion> {
  if (description.labels.get(current.versionId)?.includes(AWSCURRENT)) return current;
  const named = [...description.labels].find(([, labels]) => labels.includes(AWSCURRENT))?.[0];
  const version = named === undefined ? undefined : await versions.read(named);
  if (version === undefined) {
    throw new RotationError('labels-moved', { message: 'AWSCURRENT moved while it was being read', stage: AWSCURRENT });
  }
  return version;
}
