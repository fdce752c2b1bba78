import { RotationError, type TwinPair } from '@keyturn/core';
import type { MysqlConnection } from '../connection.ts';
import { placeholderFor, someVerifies } from '../verifiers.ts';
import type { Difference } from './differences.ts';
import type { TwinRights } from './users.ts';

/**
 * Makes sure that an existing next user belongs to the secret: it has the password that only this rotation
 * knows, or the one that stands for it; may do exactly what the current user may; or is named by another
 * version of the secret.
 * @throws RotationError `twin-name-taken`
 */
export async function checkOwnership(
  { where }: MysqlConnection,
  { current, next }: TwinRights,
  differences: readonly Difference[],
  pair: TwinPair,
): Promise<void> {
  if (next.size === 0) return;
  // Two users without any right are equal by chance.
  const mayDoSomething = [...current.values()].some(({ grants }) => grants.size > 0);
  if (differences.length === 0 && mayDoSomething) return;
  const passwords = [pair.password, placeholderFor(pair.password)];
  if (passwords.some((one) => someVerifies([...next.values()], one))) return;
  if (await pair.isKnown()) return;
  throw new RotationError('twin-name-taken', {
    message: 'there is a user of this name, and nothing shows that it belongs to this secret',
    endpoint: where.endpoint,
    user: pair.next,
  });
}
