import { Password } from '@keyturn/core';
import type { ConformanceWorld, WorldUser } from './conformance-world.ts';

/**
 * Somebody changes a user's password, and tells no secret.
 * @returns what it is now
 */
export async function changeBehindItsBack(world: ConformanceWorld, user: WorldUser): Promise<string> {
  const next = world.newPassword();
  const { engine } = world;
  await world.as(user, (connection) =>
    engine.changeOwnPassword(connection, new Password(next), new Password(user.password)),
  );
  return next;
}
