import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { eventNames, rotating, SecretId } from '../../testing/rotation.ts';
import { gate, token } from '../../testing/service.ts';
import { ManualClock } from '../clock.ts';

it('fact 21: the function gets each step once, in order, with the full ARN and the tokens', async () => {
  const { local, client, rotate, events } = await rotating();
  const { ARN } = await client.send(new DescribeSecretCommand({ SecretId }));
  const VersionId = await rotate();
  await local.rotationSettled(SecretId);
  expect(events.map(({ Step }) => Step)).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
  for (const event of events) {
    expect(Object.keys(event).sort()).toEqual(['ClientRequestToken', 'RotationToken', 'SecretId', 'Step']);
    expect(event.SecretId).toBe(ARN);
    expect(event.ClientRequestToken).toBe(VersionId);
    expect(event.RotationToken).toMatch(/^[a-zA-Z0-9-]{36,256}$/);
  }
  expect(new Set(events.map(({ RotationToken }) => RotationToken)).size).toBe(1);
});

it('fact 16: RotateSecret answers before the function is invoked', async () => {
  const { local, rotate, events } = await rotating();
  const ClientRequestToken = token();
  expect(await rotate({ ClientRequestToken })).toBe(ClientRequestToken);
  expect(events).toEqual([]);
  await local.rotationSettled(SecretId);
  expect(events).toHaveLength(4);
});

it('fact 13: the AWSPENDING version exists before it has a value, and is not found by id, label or both', async () => {
  const found: unknown[] = [];
  const { local, client, rotate, v1 } = await rotating({
    before: async ({ Step, SecretId: id, ClientRequestToken }) => {
      if (Step !== 'createSecret') return;
      const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: id }));
      found.push(VersionIdsToStages);
      for (const named of [
        { VersionId: ClientRequestToken },
        { VersionStage: 'AWSPENDING' },
        { VersionId: ClientRequestToken, VersionStage: 'AWSPENDING' },
      ]) {
        found.push(
          await client.send(new GetSecretValueCommand({ SecretId: id, ...named })).catch((error: Error) => error.name),
        );
      }
    },
  });
  const v2 = await rotate();
  await local.rotationSettled(SecretId);
  const missing = 'ResourceNotFoundException';
  expect(found).toEqual([{ [v1]: ['AWSCURRENT'], [v2]: ['AWSPENDING'] }, missing, missing, missing]);
});

it('fact 25: AWSPENDING left on AWSCURRENT is success', async () => {
  const { local, client, rotate, labels, v1 } = await rotating({ clock: new ManualClock(Date.UTC(2026, 4, 5, 6)) });
  const v2 = await rotate({ RotationRules: { AutomaticallyAfterDays: 10 } });
  expect(await local.rotationSettled(SecretId)).toMatchObject({
    kind: 'rotation',
    outcome: 'succeeded',
    versionId: v2,
    attempts: 1,
  });
  expect(await labels()).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT', 'AWSPENDING'] });
  expect(eventNames(local)).toEqual(['RotationStarted', 'RotationSucceeded']);
  const described = await client.send(new DescribeSecretCommand({ SecretId }));
  expect(described).toMatchObject({
    RotationEnabled: true,
    RotationRules: { AutomaticallyAfterDays: 10 },
    LastRotatedDate: new Date('2026-05-05T06:00:00Z'),
    NextRotationDate: new Date('2026-05-15T23:59:59Z'),
  });
});

it('fact 27: a value stored by hand counts as a rotation for the next date', async () => {
  const clock = new ManualClock(Date.UTC(2026, 4, 5, 6));
  const { local, client, rotate } = await rotating({ clock });
  await rotate({ RotationRules: { AutomaticallyAfterDays: 10 } });
  await local.rotationSettled(SecretId);
  clock.advance(3 * 24 * 60 * 60 * 1000);
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }));
  const { NextRotationDate, LastRotatedDate } = await client.send(new DescribeSecretCommand({ SecretId }));
  expect(NextRotationDate).toEqual(new Date('2026-05-18T23:59:59Z'));
  expect(LastRotatedDate).toEqual(new Date('2026-05-05T06:00:00Z'));
});

it('fact 25: AWSPENDING nowhere is success, and after a second rotation the first version is gone', async () => {
  const { local, rotate, labels, v1 } = await rotating({ takesPendingOff: true });
  const v2 = await rotate();
  expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded' });
  expect(await labels()).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSCURRENT'] });
  const v3 = await rotate();
  await local.rotationSettled(SecretId);
  expect(await labels()).toEqual({ [v2]: ['AWSPREVIOUS'], [v3]: ['AWSCURRENT'] });
});

it('fact 17: AWSPENDING on AWSCURRENT does not stop a rotation, elsewhere it does', async () => {
  const { local, rotate, labels } = await rotating({ rotation: { attempts: 1 } });
  await rotate();
  await local.rotationSettled(SecretId);
  await rotate();
  await local.rotationSettled(SecretId);
  local.registerFunction('rotate-db', () => {
    throw new Error('out of order');
  });
  await rotate();
  expect(await local.rotationSettled(SecretId)).toMatchObject({ outcome: 'failed' });
  const before = await labels();
  await expect(rotate()).rejects.toMatchObject({
    name: 'InvalidRequestException',
    message: "A previous rotation isn't complete. That rotation will be reattempted.",
  });
  expect(await labels()).toEqual(before);
});

it('fact 18: without a function, or with one that cannot be invoked, nothing is stored', async () => {
  const { local, client } = await rotating();
  await client.send(new CreateSecretCommand({ Name: 'other', SecretString: 'S0' }));
  const before = await client.send(new DescribeSecretCommand({ SecretId: 'other' }));
  const rotate = (input: Record<string, unknown>) =>
    client.send(new RotateSecretCommand({ SecretId: 'other', ...input }));
  await expect(rotate({})).rejects.toMatchObject({
    name: 'InvalidRequestException',
    message: 'No Lambda rotation function ARN is associated with this secret.',
  });
  const RotationLambdaARN = 'arn:aws:lambda:us-east-1:123456789012:function:absent';
  await expect(rotate({ RotationLambdaARN })).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message:
      'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
    $metadata: { httpStatusCode: 400 },
  });
  const { $metadata: _then, ...was } = before;
  const { $metadata: _now, ...is } = await client.send(new DescribeSecretCommand({ SecretId: 'other' }));
  expect(is).toEqual(was);
  await expect(local.rotationSettled('other')).rejects.toThrow('No rotation of other was started.');
});

it('fact 19: a later RotateSecret uses the stored function and rules', async () => {
  const { local, client, rotate, events, functionArn } = await rotating();
  await rotate({ RotationRules: { AutomaticallyAfterDays: 7, Duration: '2h' } });
  await local.rotationSettled(SecretId);
  await client.send(new RotateSecretCommand({ SecretId }));
  await local.rotationSettled(SecretId);
  expect(events).toHaveLength(8);
  expect(await client.send(new DescribeSecretCommand({ SecretId }))).toMatchObject({
    RotationLambdaARN: functionArn,
    RotationRules: { AutomaticallyAfterDays: 7, Duration: '2h' },
  });
});

it('the same RotateSecret again starts no second rotation', async () => {
  const running = gate();
  const { local, rotate, events } = await rotating({ before: () => running.opened });
  const ClientRequestToken = token();
  await rotate({ ClientRequestToken });
  expect(await rotate({ ClientRequestToken })).toBe(ClientRequestToken);
  running.open();
  await local.rotationSettled(SecretId);
  expect(await rotate({ ClientRequestToken })).toBe(ClientRequestToken);
  await local.rotationSettled(SecretId);
  expect(events).toHaveLength(4);
});

it('a token that a version has already is refused', async () => {
  const { rotate, v1 } = await rotating();
  await expect(rotate({ ClientRequestToken: v1 })).rejects.toMatchObject({ name: 'InvalidRequestException' });
});

it.each([false, true])(
  'fact 20: RotateImmediately=false runs only testSecret, on a version that is then removed (with a value: %s)',
  async (testVersionHasValue) => {
    const seen: unknown[] = [];
    const { local, client, rotate, labels, events, v1 } = await rotating({
      rotation: { testVersionHasValue },
      before: async ({ SecretId: id, ClientRequestToken }) => {
        seen.push(await labels());
        const read = client.send(new GetSecretValueCommand({ SecretId: id, VersionId: ClientRequestToken }));
        seen.push(
          await read.then(
            ({ SecretString }) => SecretString,
            (error: Error) => error.name,
          ),
        );
      },
    });
    const v2 = await rotate({ RotateImmediately: false });
    expect(await local.rotationSettled(SecretId)).toMatchObject({ kind: 'test', outcome: 'succeeded' });
    expect(events.map(({ Step }) => Step)).toEqual(['testSecret']);
    expect(seen).toEqual([
      { [v1]: ['AWSCURRENT'], [v2]: ['AWSPENDING'] },
      testVersionHasValue ? 'S0' : 'ResourceNotFoundException',
    ]);
    expect(await labels()).toEqual({ [v1]: ['AWSCURRENT'] });
    expect(eventNames(local)).toEqual(['TestRotationStarted', 'TestRotationSucceeded']);
    expect(await client.send(new DescribeSecretCommand({ SecretId }))).toMatchObject({ RotationEnabled: true });
  },
);

it('a lone testSecret that fails is told and leaves nothing behind', async () => {
  const { local, rotate, labels, v1, functionArn } = await rotating({
    before: () => {
      throw new Error('cannot log in');
    },
  });
  await rotate({ RotateImmediately: false });
  expect(await local.rotationSettled(SecretId)).toMatchObject({ kind: 'test', outcome: 'failed' });
  expect(await labels()).toEqual({ [v1]: ['AWSCURRENT'] });
  expect(local.timeline.of('rotation').at(-1)).toMatchObject({
    event: 'TestRotationFailed',
    eventType: 'AwsServiceEvent',
    errorMessage: `Error when executing lambda ${functionArn} during testSecret step`,
  });
});
