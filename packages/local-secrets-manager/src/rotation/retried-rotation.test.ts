import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { eventNames, rotating, SecretId } from '../../testing/rotation.ts';
import { ManualClock } from '../clock.ts';
import { inProcess } from '../index.ts';

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

describe('a step that fails', () => {
  it.each(steps)(
    'fact 22: when %s fails, the rotation is tried again from its start, with the same version',
    async (failing) => {
      let failures = 1;
      const { local, rotate, events, functionArn } = await rotating({
        before: ({ Step }) => {
          if (Step === failing && failures-- > 0) throw new Error('once');
        },
      });
      const v2 = await rotate();
      expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded', attempts: 2, versionId: v2 });
      const until = steps.slice(0, steps.indexOf(failing) + 1);
      expect(events.map(({ Step }) => Step)).toEqual([...until, ...steps]);
      expect(new Set(events.map((event) => event.ClientRequestToken))).toEqual(new Set([v2]));
      const told = local.timeline.of('rotation');
      expect(told.map(({ event, attempt }) => `${event} ${attempt}`)).toEqual([
        'RotationStarted 1',
        'RotationFailed 1',
        'RotationStarted 2',
        'RotationSucceeded 2',
      ]);
      expect(told[1]?.errorMessage).toBe(`Error when executing lambda ${functionArn} during ${failing} step`);
    },
  );

  it('with reuseToken off each attempt has a version of its own', async () => {
    let failures = 2;
    const { local, rotate, events, labels, v1 } = await rotating({
      rotation: { reuseToken: false },
      before: ({ Step }) => {
        if (Step === 'testSecret' && failures-- > 0) throw new Error('twice');
      },
    });
    const v2 = await rotate();
    const { versionId: v4, attempts } = await local.rotationSettled(SecretId);
    expect(attempts).toBe(3);
    const tokens = [...new Set(events.map((event) => event.ClientRequestToken))];
    expect([tokens.length, tokens[0], tokens[2]]).toEqual([3, v2, v4]);
    expect(await labels()).toEqual({ [v1]: ['AWSPREVIOUS'], [v4]: ['AWSCURRENT', 'AWSPENDING'] });
  });

  it('fact 23: after the last attempt AWSPENDING stays where it was, on a version that may have no value', async () => {
    const { local, client, rotate, labels, v1 } = await rotating({
      rotation: { attempts: 2 },
      before: () => {
        throw new Error('always');
      },
    });
    const v2 = await rotate();
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'failed', attempts: 2 });
    expect(await labels()).toEqual({ [v1]: ['AWSCURRENT'], [v2]: ['AWSPENDING'] });
    await expect(client.send(new GetSecretValueCommand({ SecretId, VersionId: v2 }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(eventNames(local)).toEqual(['RotationStarted', 'RotationFailed', 'RotationStarted', 'RotationFailed']);
    expect(await client.send(new DescribeSecretCommand({ SecretId }))).not.toHaveProperty('LastRotatedDate');
  });

  it('the wait before a retry is on the clock of the service', async () => {
    const clock = new ManualClock();
    let failures = 1;
    const { local, rotate, events } = await rotating({
      clock,
      rotation: { retryDelayMs: 60_000 },
      before: () => {
        if (failures-- > 0) throw new Error('once');
      },
    });
    const failed = Promise.withResolvers<void>();
    local.timeline.subscribe((entry) => {
      if (entry.kind === 'rotation' && 'event' in entry && entry.event === 'RotationFailed')
        setImmediate(failed.resolve);
    });
    await rotate();
    await failed.promise;
    clock.advance(59_999);
    expect([events.length, clock.sleeping]).toEqual([1, 1]);
    clock.advance(1);
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded' });
  });

  it('fact 25: a function that finishes without moving AWSCURRENT has failed', async () => {
    const { local, rotate } = await rotating({ rotation: { attempts: 1 } });
    const functionArn = local.registerFunction('idle', () => undefined);
    await rotate({ RotationLambdaARN: functionArn });
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'failed' });
    expect(local.timeline.of('rotation').at(-1)?.errorMessage).toBe(
      `Error when executing lambda ${functionArn} during finishSecret step`,
    );
  });

  it('an incomplete rotation is reattempted with its own version', async () => {
    let broken = true;
    const { local, rotate, events } = await rotating({
      rotation: { attempts: 1 },
      before: ({ Step }) => {
        if (broken && Step === 'setSecret') throw new Error('broken');
      },
    });
    const v2 = await rotate();
    await local.rotationSettled(SecretId);
    broken = false;
    local.reattemptRotation(SecretId);
    expect(() => local.reattemptRotation(SecretId)).toThrow('No incomplete rotation');
    expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded', versionId: v2 });
    expect(events).toHaveLength(6);
    expect(() => local.reattemptRotation(SecretId)).toThrow('No incomplete rotation');
  });

  it('when the function has taken AWSPENDING off, the next attempt has a fresh version', async () => {
    let refusals = 1;
    const { local, client, rotate, labels, v1 } = await rotating({
      before: async ({ Step, ClientRequestToken }) => {
        if (Step !== 'setSecret' || refusals-- <= 0) return;
        await client.send(
          new UpdateSecretVersionStageCommand({
            SecretId,
            VersionStage: 'AWSPENDING',
            RemoveFromVersionId: ClientRequestToken,
          }),
        );
        throw new Error('the value cannot be used');
      },
    });
    const v2 = await rotate();
    const { outcome, versionId: v3 } = await local.rotationSettled(SecretId);
    expect([outcome, v3 === v2]).toEqual(['succeeded', false]);
    expect(await labels()).toEqual({ [v1]: ['AWSPREVIOUS'], [v3]: ['AWSCURRENT', 'AWSPENDING'] });
  });
});

it('an in-process function that never returns times out as on Lambda', async () => {
  const { local, rotate } = await rotating({ rotation: { attempts: 1 } });
  local.registerFunction(
    'rotate-db',
    inProcess(() => new Promise(() => undefined), { timeoutMs: 20 }),
  );
  await rotate();
  expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'failed' });
  const [step] = local.timeline.of('step');
  expect(step?.error?.errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.02 seconds$/);
});
