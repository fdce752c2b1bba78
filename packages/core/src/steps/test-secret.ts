import type { Rotation, Strategy } from '../rotation.ts';
import { AWSCURRENT, AWSPENDING } from '../secret-versions.ts';
import type { SecretVersion } from '../secrets-manager.ts';

/**
 * Proves the pending credential.
 *
 * When rotation is configured with RotateImmediately=false, Secrets Manager sends this step alone, on a
 * version that it makes for the purpose, whose value it does not document. With a value, that value is
 * tested as ever. Without one, AWSCURRENT is: that shows what the test is for, that the function reaches
 * the secret and the service and may log in. Should a real rotation have lost its value, this proves
 * nothing of it: finishSecret promotes no version that this step has not logged in with.
 */
export async function testSecret(rotation: Rotation, strategy: Strategy): Promise<void> {
  const { versions, log } = rotation;
  const pending = await versions.pending();
  if (pending === undefined) {
    await strategy.testSecret(await versions.current(), rotation, AWSCURRENT);
    return log.info('configuration-tested');
  }
  if (pending.labels.includes(AWSCURRENT)) return log.info('already-finished');
  await prove(pending, rotation, strategy);
}

/** How many proven versions, of rotations that have not finished, a process remembers. */
const mostProven = 100;

/** Logs in with the version, and remembers that this process did. */
export async function prove(pending: SecretVersion, rotation: Rotation, strategy: Strategy): Promise<void> {
  await strategy.testSecret(pending, rotation, AWSPENDING);
  const { proven } = rotation.memory;
  // What is forgotten is proven again; this only keeps a process that lives for months from growing.
  if (proven.size >= mostProven) proven.clear();
  proven.add(provenKey(rotation));
  rotation.log.info('pending-proven');
}

export function isProven(rotation: Rotation): boolean {
  return rotation.memory.proven.has(provenKey(rotation));
}

function provenKey({ event }: Rotation): string {
  return `${event.SecretId} ${event.ClientRequestToken}`;
}
