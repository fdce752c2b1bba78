import { issuedCredentials, RotationFunction } from '@keyturn/core';
import { onTestFinished } from 'vitest';
import type { MakeFunction } from './access-key-process.ts';
import { AccessKeyWorld, type WorldOptions } from './access-key-world.ts';

/** The function with other waits, in milliseconds. */
export function waiting(propagationWaitMs: number, consistencyWaitMs = 100): MakeFunction {
  return (issuer, client) =>
    new RotationFunction(issuedCredentials(issuer, { propagationWaitMs }), { client, consistencyWaitMs, env: {} });
}

/** A world with a rotation begun of which no step has been taken. It ends with the test. */
export async function begun(options: Partial<WorldOptions> = {}): Promise<AccessKeyWorld> {
  const world = await AccessKeyWorld.make({ makeFunction: waiting(2_000), ...options });
  onTestFinished(() => world.close());
  await world.begin();
  return world;
}
