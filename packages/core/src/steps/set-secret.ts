import type { Rotation, Strategy } from '../rotation.ts';
import { AWSCURRENT } from '../secret-versions.ts';

/** Makes the secured service take the pending credential. */
export async function setSecret(rotation: Rotation, strategy: Strategy): Promise<void> {
  const { versions, log, earlyMaster } = rotation;
  const [read, pendingRead] = await Promise.allSettled([
    versions.current(),
    versions.pendingWithValue(),
    earlyMaster.read(rotation),
  ]);
  if (pendingRead.status === 'rejected') throw pendingRead.reason;
  if (pendingRead.value.labels.includes(AWSCURRENT)) return log.info('already-finished');
  if (read.status === 'rejected') throw read.reason;
  await strategy.setSecret(read.value, pendingRead.value, rotation);
}
