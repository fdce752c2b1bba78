import {
  CancelRotateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { rotating, SecretId } from '../../testing/rotation.ts';
import { gate } from '../../testing/service.ts';
import { ManualClock } from '../clock.ts';

describe('CancelRotateSecret', () => {
  it('fact 26: ends a rotation after the running step, leaves the labels and names the version', async () => {
    const { local, client, rotate, events, labels, v1 } = await rotating({
      before: async ({ Step }) => {
        if (Step === 'setSecret')
          cancelled = (await client.send(new CancelRotateSecretCommand({ SecretId }))).VersionId;
      },
    });
    let cancelled: string | undefined;
    const v2 = await rotate();
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'cancelled' });
    expect(cancelled).toBe(v2);
    expect(events).toHaveLength(2);
    expect(await labels()).toEqual({ [v1]: ['AWSCURRENT'], [v2]: ['AWSPENDING'] });
    const described = await client.send(new DescribeSecretCommand({ SecretId }));
    expect(described.RotationEnabled).toBe(false);
    expect(described).not.toHaveProperty('NextRotationDate');
  });

  it('fact 26: the AWSPENDING that it leaves blocks rotations until it is taken off', async () => {
    const { local, client, rotate, labels } = await rotating({
      rotation: { attempts: 1 },
      before: ({ Step }) => {
        if (Step === 'setSecret' && broken) throw new Error('broken');
      },
    });
    let broken = true;
    const v2 = await rotate();
    await local.rotationSettled(SecretId);
    await client.send(new CancelRotateSecretCommand({ SecretId }));
    broken = false;
    await expect(rotate()).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }));
    expect((await labels())[v2]).toEqual(['AWSPENDING']);
    await expect(rotate()).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await client.send(
      new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: v2 }),
    );
    await rotate();
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded' });
  });

  it('ends the wait before a retry', async () => {
    const clock = new ManualClock();
    const { local, client, rotate } = await rotating({
      clock,
      rotation: { retryDelayMs: 60_000 },
      before: () => {
        setImmediate(failing.open);
        throw new Error('once');
      },
    });
    const failing = gate();
    await rotate();
    await failing.opened;
    await client.send(new CancelRotateSecretCommand({ SecretId }));
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'cancelled', attempts: 1 });
    expect(clock.sleeping).toBe(0);
  });

  it('without a function there is nothing to cancel', async () => {
    const { client } = await rotating();
    await expect(client.send(new CancelRotateSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
  });
});

it('DeleteSecret ends a rotation after the running step', async () => {
  const { local, client, rotate, events } = await rotating({
    before: async ({ Step }) => {
      if (Step === 'setSecret') await client.send(new DeleteSecretCommand({ SecretId }));
    },
  });
  await rotate();
  expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'cancelled' });
  expect(events).toHaveLength(2);
});
