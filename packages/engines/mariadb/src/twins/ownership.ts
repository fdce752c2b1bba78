import { RotationError, type TwinPair } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import { hasPassword } from '../accounts.ts';
import type { MariadbConnection } from '../connection.ts';
import type { Difference } from './differences.ts';
import type { TwinRights } from './users.ts';

/**
 * Makes sure that an existing next user belongs to the secret: it has the password that only this rotation
 * knows, may do exactly what the current user may, or is named by another version of the secret.
 * @throws RotationError `twin-name-taken`
 */
export async function checkOwnership(
  { where }: MariadbConnection,
  { current, next }: TwinRights,
  differences: readonly Difference[],
  pair: TwinPair,
): Promise<void> {
  if (next.size === 0) return;
  const hash = nativeHash(pair.password);
  if ([...next.values()].some((account) => hasPassword(account, hash))) return;
  // Two users without any right are equal by chance.
  const mayDoSomething = [...current.values()].some(({ grants }) => grants.size > 0);
  if (differences.length === 0 && mayDoSomething) return;
  if (await pair.isKnown()) return;
  throw new RotationError('twin-name-taken', {
    message: 'there is a user of this name, and nothing shows that it belongs to this secret',
    endpoint: where.endpoint,
    user: pair.next,
  });
}
