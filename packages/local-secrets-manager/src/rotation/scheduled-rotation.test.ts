import {
  CancelRotateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { eventNames, rotating, SecretId } from '../../testing/rotation.ts';
import { ManualClock } from '../clock.ts';
import { DueQueue } from './due-queue.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const start = Date.UTC(2026, 4, 5, 6, 30);

async function scheduled(RotationRules: Record<string, unknown>, options: Parameters<typeof rotating>[0] = {}) {
  const clock = new ManualClock(start);
  const world = await rotating({ ...options, clock });
  await world.rotate({ RotationRules });
  await world.local.rotationSettled(SecretId);
  world.local.timeline.clear();
  /** When rotations have started since the first, by the hour. */
  const starts = () =>
    world.local.timeline
      .of('rotation')
      .filter(({ event }) => event === 'RotationStarted')
      .map(({ at }) => new Date(at).toISOString().slice(0, 16));
  const described = () => world.client.send(new DescribeSecretCommand({ SecretId }));
  return { ...world, clock, starts, described };
}

describe('fact 27: rotations start by themselves', () => {
  it.each([
    [{ AutomaticallyAfterDays: 2 }, 5, ['2026-05-07T00:00', '2026-05-09T00:00']],
    [{ ScheduleExpression: 'rate(2 days)' }, 5, ['2026-05-07T00:00', '2026-05-09T00:00']],
    [{ ScheduleExpression: 'rate(8 hours)' }, 1, ['2026-05-05T08:00', '2026-05-05T16:00', '2026-05-06T00:00']],
    [{ ScheduleExpression: 'cron(0 10 ? * WED,FRI *)' }, 7, ['2026-05-06T10:00', '2026-05-08T10:00']],
    [{ ScheduleExpression: 'cron(0 4 L * ? *)', Duration: '3h' }, 60, ['2026-05-31T04:00', '2026-06-30T04:00']],
  ])('%o in %d days: %j', async (rules, days, expected) => {
    const { clock, starts, local, events } = await scheduled(rules);
    events.length = 0;
    await clock.turn(days * DAY_MS);
    expect(starts()).toEqual(expected);
    expect(eventNames(local).filter((name) => name === 'RotationSucceeded')).toHaveLength(expected.length);
    expect(events).toHaveLength(4 * expected.length);
  });

  it('anywhere in the window', async () => {
    const { clock, starts } = await scheduled(
      { ScheduleExpression: 'cron(0 10 * * ? *)', Duration: '4h' },
      { rotation: { momentInWindow: 0.5 } },
    );
    await clock.turn(DAY_MS);
    expect(starts()).toEqual(['2026-05-05T12:00']);
  });

  it('a value stored by hand counts as a rotation', async () => {
    const { clock, client, starts } = await scheduled({ AutomaticallyAfterDays: 3 });
    await clock.turn(2 * DAY_MS);
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'by hand' }));
    await clock.turn(2 * DAY_MS);
    expect(starts()).toEqual([]);
    await clock.turn(DAY_MS);
    expect(starts()).toEqual(['2026-05-10T00:00']);
  });

  it('a year of them, each at its own time', async () => {
    const { clock, starts, described } = await scheduled({ AutomaticallyAfterDays: 1 });
    await clock.turn(365 * DAY_MS);
    expect(starts()).toHaveLength(365);
    expect(new Set(starts().map((time) => time.slice(11)))).toEqual(new Set(['00:00']));
    expect((await described()).LastRotatedDate).toEqual(new Date('2027-05-05T00:00:00Z'));
  });

  it('control: with rotation turned off, or the secret deleted, none starts', async () => {
    const { clock, client, starts } = await scheduled({ AutomaticallyAfterDays: 1 });
    await client.send(new DeleteSecretCommand({ SecretId }));
    await clock.turn(3 * DAY_MS);
    expect(starts()).toEqual([]);
    await client.send(new RestoreSecretCommand({ SecretId }));
    await clock.turn(0);
    expect(starts()).toHaveLength(1);
    await client.send(new CancelRotateSecretCommand({ SecretId }));
    await clock.turn(10 * DAY_MS);
    expect(starts()).toHaveLength(1);
  });

  it('RotateImmediately=false waits for the first window', async () => {
    const clock = new ManualClock(start);
    const { local, rotate } = await rotating({ clock });
    await rotate({ RotateImmediately: false, RotationRules: { ScheduleExpression: 'cron(0 10 * * ? *)' } });
    await local.rotationSettled(SecretId);
    expect(eventNames(local)).toEqual(['TestRotationStarted', 'TestRotationSucceeded']);
    await clock.turn(4 * HOUR_MS);
    expect(eventNames(local).slice(2)).toEqual(['RotationStarted', 'RotationSucceeded']);
  });
});

describe('dates', () => {
  it('fact 28: NextRotationDate is the end of the window, and a failure leaves it in the past', async () => {
    const { clock, local, described } = await scheduled({ AutomaticallyAfterDays: 1, Duration: '2h' });
    const next = new Date('2026-05-06T01:59:59Z');
    expect((await described()).NextRotationDate).toEqual(next);
    local.registerFunction('rotate-db', () => {
      throw new Error('out of order');
    });
    await clock.turn(DAY_MS - 2 * HOUR_MS);
    expect(eventNames(local).filter((name) => name === 'RotationFailed')).toHaveLength(3);
    await clock.turn(2 * HOUR_MS);
    expect((await described()).NextRotationDate).toEqual(next);
    expect(clock.now()).toBeGreaterThan(next.getTime());
  });

  it('fact 28: a failed rotation is taken up again in the next window, with its own version', async () => {
    const { clock, local, functionArn, labels, described } = await scheduled({ AutomaticallyAfterDays: 1 });
    const tokens = new Set<string>();
    let isBroken = true;
    local.registerFunction(functionArn, ({ ClientRequestToken }) => {
      tokens.add(ClientRequestToken);
      if (isBroken) throw new Error('out of order');
    });
    await clock.turn(DAY_MS);
    expect(tokens.size).toBe(1);
    const [token = ''] = tokens;
    expect((await labels())[token]).toEqual(['AWSPENDING']);
    isBroken = false;
    await clock.turn(DAY_MS);
    expect(tokens.size).toBe(1);
    expect((await described()).LastRotatedDate).toEqual(new Date('2026-05-05T06:30:00Z'));
  });

  it('the days of an expression are told once it has rotated the secret', async () => {
    const { described } = await scheduled({ ScheduleExpression: 'rate(10 days)' });
    expect((await described()).RotationRules).toEqual({
      ScheduleExpression: 'rate(10 days)',
      AutomaticallyAfterDays: 10,
    });
  });

  it('with rotation turned off there are none', async () => {
    const { client, described } = await scheduled({ AutomaticallyAfterDays: 1 });
    await client.send(new CancelRotateSecretCommand({ SecretId }));
    const { NextRotationDate, LastRotatedDate, RotationRules } = await described();
    expect([NextRotationDate, LastRotatedDate]).toEqual([undefined, undefined]);
    expect(RotationRules).toEqual({ AutomaticallyAfterDays: 1 });
  });
});

it('an AWSPENDING left by hand is taken up by the schedule', async () => {
  const { clock, client, local, labels } = await scheduled({ AutomaticallyAfterDays: 1 });
  const VersionId = 'left-by-hand'.padEnd(32, '.');
  await client.send(
    new PutSecretValueCommand({
      SecretId,
      ClientRequestToken: VersionId,
      SecretString: `value of ${VersionId}`,
      VersionStages: ['AWSPENDING'],
    }),
  );
  await clock.turn(DAY_MS);
  expect(eventNames(local).at(-1)).toBe('RotationSucceeded');
  expect((await labels())[VersionId]).toContain('AWSCURRENT');
});

it('a function that is not registered any more fails the rotation', async () => {
  const { clock, local, functionArn } = await scheduled({ AutomaticallyAfterDays: 1 }, { rotation: { attempts: 1 } });
  local.unregisterFunction(functionArn);
  await clock.turn(DAY_MS);
  expect(local.timeline.of('rotation').at(-1)).toMatchObject({
    event: 'RotationFailed',
    errorMessage: `Error when executing lambda ${functionArn} during createSecret step`,
  });
});

it('fact 22: waits between retries grow as they are set to, on the clock', async () => {
  const { clock, local } = await scheduled(
    { AutomaticallyAfterDays: 1 },
    { rotation: { attempts: 5, retryDelayMs: 60_000, retryBackoff: 3, maxRetryDelayMs: 10 * 60_000 } },
  );
  local.registerFunction('rotate-db', () => {
    throw new Error('out of order');
  });
  await clock.turn(DAY_MS);
  const minutes = local.timeline
    .of('rotation')
    .filter(({ event }) => event === 'RotationStarted')
    .map(({ at }) => (at - Date.UTC(2026, 4, 6)) / 60_000);
  expect(minutes).toEqual([0, 1, 4, 13, 23]);
});

it('fact 29: the events come as a stream, too', async () => {
  const { clock, local } = await scheduled({ AutomaticallyAfterDays: 1 });
  const seen: string[] = [];
  const stream = local.rotationEvents();
  await clock.turn(2 * DAY_MS);
  for await (const { event, eventType } of stream) {
    seen.push(`${event} ${eventType}`);
    if (seen.length === 4) break;
  }
  expect(seen).toEqual(
    ['RotationStarted', 'RotationSucceeded', 'RotationStarted', 'RotationSucceeded'].map(
      (event) => `${event} AwsServiceEvent`,
    ),
  );
});

it('the stream ends with the service', async () => {
  const { local } = await scheduled({ AutomaticallyAfterDays: 1 });
  const stream = local.rotationEvents();
  const next = stream.next();
  await local.close();
  expect(await next).toEqual({ done: true, value: undefined });
});

it('fact 18: a function that Secrets Manager may not invoke is refused as one that does not exist', async () => {
  const { local, rotate, described } = await scheduled({ AutomaticallyAfterDays: 1 });
  const before = await described();
  const RotationLambdaARN = local.registerFunction('no-permission', () => undefined, { isInvokable: false });
  await expect(rotate({ RotationLambdaARN })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  const { $metadata: _then, ...was } = before;
  const { $metadata: _now, ...is } = await described();
  expect(is).toEqual(was);
});

it('a rotation whose function waits for the clock does not hold the clock up', async () => {
  const { clock, local, starts } = await scheduled({ AutomaticallyAfterDays: 1 });
  local.setFaults([{ action: 'delay', ms: HOUR_MS, moment: 'before', functionName: 'rotate-db' }]);
  await clock.turn(2 * DAY_MS);
  expect(starts()).toHaveLength(2);
  expect(eventNames(local).at(-1)).toBe('RotationSucceeded');
});

it('moving AWSCURRENT by hand does not move the next date', async () => {
  const { client, labels, described, v1 } = await scheduled({ AutomaticallyAfterDays: 5 });
  const { NextRotationDate } = await described();
  const current = Object.entries(await labels()).find(([, names]) => names.includes('AWSCURRENT'))?.[0];
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: v1,
      RemoveFromVersionId: current,
    }),
  );
  expect((await described()).NextRotationDate).toEqual(NextRotationDate);
});

it('what is due comes up in order, whatever the order of planning', () => {
  const queue = new DueQueue();
  const times = Array.from({ length: 500 }, (_, index) => (index * 7919) % 500);
  for (const [index, at] of times.entries()) queue.plan(`secret-${index}`, at + 1000);
  for (const [index, at] of times.entries()) queue.plan(`secret-${index}`, index % 3 === 0 ? undefined : at);
  const taken: string[] = [];
  for (let arn = queue.take(1000); arn !== undefined; arn = queue.take(1000)) taken.push(arn);
  const expected = times.map((at, index) => ({ at, index })).filter(({ index }) => index % 3 !== 0);
  expected.sort((a, b) => a.at - b.at);
  expect(taken).toEqual(expected.map(({ index }) => `secret-${index}`));
  expect(queue.next()).toBeUndefined();
});
