import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { issuedCredentials, RotationFunction } from '@keyturn/core';
import { AvailabilityClient } from '@keyturn/engine-conformance';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { MakeFunction } from '../testing/access-key-process.ts';
import { AccessKeyWorld } from '../testing/access-key-world.ts';
import { openDoor } from '../testing/aws-double.ts';

const rotations = 50;
const honest: MakeFunction = (issuer, client) => new RotationFunction(issuedCredentials(issuer), { client, env: {} });

/** A world, and two clients that ask STS without a pause: one reads AWSCURRENT each time, the other keeps what it has. */
async function makeClients(makeFunction: (world: () => AccessKeyWorld) => MakeFunction) {
  const world: AccessKeyWorld = await AccessKeyWorld.make({ makeFunction: makeFunction(() => world) });
  const door = await openDoor(world.account);
  let cached = await world.current();
  // Connections are kept: what is measured is whether the credential is accepted.
  const place = { region: 'eu-west-1', endpoint: door.url };
  const { requestHandler } = new STSClient(place).config;
  const isAccepted = async ({ AccessKeyId = '', SecretAccessKey = '' }: Record<string, string>) => {
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
    const sts = new STSClient({ ...place, requestHandler, credentials });
    try {
      await sts.send(new GetCallerIdentityCommand({}));
      return true;
    } catch (error) {
      if ((error as Error).name === 'InvalidClientTokenId') return false;
      throw error;
    }
  };
  const reading = new AvailabilityClient(async () => isAccepted(await world.current()));
  const caching = new AvailabilityClient(() => isAccepted(cached));
  onTestFinished(async () => {
    await Promise.all([reading.stop(), caching.stop()]);
    requestHandler.destroy?.();
    await door.close();
    await world.close();
  });
  reading.start();
  caching.start();
  const cache = async () => {
    cached = await world.current();
  };
  return { world, reading, caching, cache };
}

test(`through ${rotations} rotations no client ever fails`, { timeout: 120_000 }, async () => {
  const { world, reading, caching, cache } = await makeClients(() => honest);
  for (let done = 0; done < rotations; done += 1) {
    await cache();
    await Promise.all([reading.nextLogin(), caching.nextLogin()]);
    await world.rotate();
    expect(world.failure).toBeUndefined();
    // The grace period: for as long as it takes both to use what they hold.
    await Promise.all([reading.nextLogin(), caching.nextLogin()]);
  }
  await Promise.all([reading.stop(), caching.stop()]);
  console.table({ reading: reading.counts, caching: caching.counts });
  for (const { counts } of [reading, caching]) {
    expect(counts.logins).toBeGreaterThan(2 * rotations);
    expect(counts.refused).toBe(0);
  }
});

test('the control: where the previous key ends with the rotation, the client that keeps it is refused', async () => {
  const { world, reading, caching, cache } = await makeClients((made) => (issuer, client) => {
    const afterRotation = async () => {
      const { AccessKeyId } = await made().current();
      for (const key of made().user.keys) key.deleted ||= key.id !== AccessKeyId;
    };
    return new RotationFunction(issuedCredentials(issuer), { client, env: {}, afterRotation });
  });
  await cache();
  await Promise.all([reading.nextLogin(), caching.nextLogin()]);
  await world.rotate();
  await vi.waitUntil(() => caching.counts.refused > 0, { timeout: 20_000 });
  expect(world.failure).toBeUndefined();
  // The other one goes on.
  await reading.nextLogin();
});
