import {
  PutSecretValueCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { eventNames, rotating, SecretId } from '../../testing/rotation.ts';
import { gate } from '../../testing/service.ts';
import { ManualClock } from '../clock.ts';

describe('a version made during a rotation', () => {
  const writes = {
    PutSecretValue: new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }),
    UpdateSecret: new UpdateSecretCommand({ SecretId, SecretString: 'by hand' }),
    'PutSecretValue with a label': new PutSecretValueCommand({
      SecretId,
      SecretString: 'by hand',
      VersionStages: ['BLUE'],
    }),
  };
  it.each(Object.entries(writes))(
    'fact 24: after %s no further step is called, and AWSPENDING is taken off',
    async (_name, command) => {
      const { local, client, rotate, events, labels } = await rotating({
        before: async ({ Step }) => {
          if (Step === 'setSecret') await client.send(command as PutSecretValueCommand);
        },
      });
      const v2 = await rotate();
      expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'abandoned', versionId: v2 });
      expect(events.map(({ Step }) => Step)).toEqual(['createSecret', 'setSecret']);
      expect(eventNames(local)).toEqual(['RotationStarted', 'RotationAbandoned']);
      expect(Object.values(await labels()).flat()).not.toContain('AWSPENDING');
      expect(await labels()).not.toHaveProperty(v2);
      await rotate();
      local.registerFunction('rotate-db', () => undefined);
    },
  );

  it('the value that the rotation itself stores abandons nothing', async () => {
    const { local, rotate } = await rotating();
    await rotate();
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded' });
  });

  it('after the last attempt it abandons the rotation as well: the next one may start', async () => {
    const { local, client, rotate, labels } = await rotating({
      rotation: { attempts: 1 },
      before: ({ Step }) => {
        if (Step === 'setSecret') throw new Error('broken');
      },
    });
    const v2 = await rotate();
    await local.rotationSettled(SecretId);
    expect((await labels())[v2]).toEqual(['AWSPENDING']);
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }));
    expect(await labels()).not.toHaveProperty(v2);
    expect(eventNames(local)).toEqual(['RotationStarted', 'RotationFailed', 'RotationAbandoned']);
    await rotate();
  });

  it.each(['a stored value', 'AWSPENDING taken off'])('between two attempts: %s ends the rotation', async (change) => {
    const clock = new ManualClock();
    const failing = gate();
    const { local, client, rotate, events } = await rotating({
      clock,
      rotation: { retryDelayMs: 60_000 },
      before: () => {
        setImmediate(failing.open);
        throw new Error('once');
      },
    });
    const v2 = await rotate();
    await failing.opened;
    if (change === 'a stored value')
      await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }));
    else
      await client.send(
        new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: v2 }),
      );
    clock.advance(60_000);
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'abandoned' });
    expect(events).toHaveLength(1);
    expect(eventNames(local)).toEqual(['RotationStarted', 'RotationFailed', 'RotationAbandoned']);
  });

  it('the next rotation may begin while the abandoned one still has its step, and that one ends there', async () => {
    const late = gate();
    const { local, client, rotate, events } = await rotating({
      before: async ({ Step, ClientRequestToken }) => {
        if (Step !== 'setSecret' || ClientRequestToken !== events[0]?.ClientRequestToken) return;
        await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }));
        stuck.open();
        await late.opened;
      },
    });
    const stuck = gate();
    await rotate();
    await stuck.opened;
    const first = local.rotationSettled(SecretId);
    const v3 = await rotate();
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded', versionId: v3 });
    late.open();
    expect(await first).toMatchObject({ outcome: 'abandoned' });
    expect(events).toHaveLength(6);
    expect(eventNames(local)).toEqual(['RotationStarted', 'RotationAbandoned', 'RotationStarted', 'RotationSucceeded']);
  });

  it('AWSPENDING taken off by hand abandons the rotation, too', async () => {
    const { local, client, rotate, events } = await rotating({
      before: async ({ Step, ClientRequestToken }) => {
        if (Step !== 'setSecret') return;
        await client.send(
          new UpdateSecretVersionStageCommand({
            SecretId,
            VersionStage: 'AWSPENDING',
            RemoveFromVersionId: ClientRequestToken,
          }),
        );
      },
    });
    await rotate();
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'abandoned' });
    expect(events).toHaveLength(2);
  });
});
