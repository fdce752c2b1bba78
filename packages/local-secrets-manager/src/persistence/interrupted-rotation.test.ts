import { expect, it } from 'vitest';
import { dataFolder, opened } from '../../testing/data-folder.ts';
import { eventNames, wellBehaved } from '../../testing/rotation.ts';
import { gate, rawCaller, token } from '../../testing/service.ts';
import { ManualClock } from '../clock.ts';
import type { LocalSecretsManager, RotationEvent } from '../index.ts';

const SecretId = 'app/db';
const DAY_MS = 24 * 60 * 60 * 1000;

async function begun(folder: string, RotationRules?: Record<string, unknown>) {
  const clock = new ManualClock();
  const local = await opened(folder, { clock });
  const call = rawCaller(local);
  await call('CreateSecret', { Name: SecretId, SecretString: 'S0', ClientRequestToken: token() });
  const rotate = async (input: Record<string, unknown> = {}) =>
    (
      await call('RotateSecret', {
        SecretId,
        ClientRequestToken: token(),
        RotationLambdaARN: 'rotate-db',
        ...(RotationRules === undefined ? {} : { RotationRules }),
        ...input,
      })
    ).body.VersionId as string;
  return { clock, local, call, rotate };
}

function register(local: LocalSecretsManager, events: RotationEvent[]): void {
  const call = rawCaller(local);
  local.registerFunction('rotate-db', async (event) => {
    events.push(event);
    await wellBehaved(call, event);
  });
}

it('a rotation that a restart has interrupted goes on with its version, once its function is there', async () => {
  const folder = dataFolder();
  const first = await begun(folder);
  const reached = gate();
  first.local.registerFunction('rotate-db', ({ Step }) => {
    if (Step === 'createSecret') return;
    reached.open();
    return new Promise(() => undefined);
  });
  const version = await first.rotate();
  await reached.opened;
  await first.local.close();

  const second = await opened(folder, { clock: first.clock });
  const events: RotationEvent[] = [];
  expect(eventNames(second), 'nothing happens before its function is there').toEqual([]);
  register(second, events);
  expect(await second.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded', versionId: version });
  expect(new Set(events.map(({ ClientRequestToken }) => ClientRequestToken))).toEqual(new Set([version]));
  const { body } = await rawCaller(second)('GetSecretValue', { SecretId });
  expect(body).toMatchObject({ VersionId: version, SecretString: `value of ${version}` });
});

it('control: a rotation that had failed for good stays as it was', async () => {
  const folder = dataFolder();
  const first = await begun(folder);
  first.local.registerFunction('rotate-db', () => {
    throw new Error('out of order');
  });
  await first.rotate();
  expect(await first.local.rotationSettled(SecretId)).toMatchObject({ outcome: 'failed' });
  await first.local.close();
  const second = await opened(folder, { clock: first.clock });
  const events: RotationEvent[] = [];
  register(second, events);
  await first.clock.turn(0);
  expect(events).toEqual([]);
  second.reattemptRotation(SecretId);
  expect(await second.rotationSettled(SecretId)).toMatchObject({ outcome: 'succeeded' });
});

it('a lone testSecret that a restart has interrupted leaves nothing behind', async () => {
  const folder = dataFolder();
  const first = await begun(folder);
  const reached = gate();
  first.local.registerFunction('rotate-db', () => {
    reached.open();
    return new Promise(() => undefined);
  });
  const before = await first.call('ListSecretVersionIds', { SecretId });
  await first.rotate({ RotateImmediately: false });
  await reached.opened;
  await first.local.close();
  const second = await opened(folder, { clock: first.clock });
  expect(await rawCaller(second)('ListSecretVersionIds', { SecretId })).toEqual(before);
  expect(eventNames(second)).toEqual(['TestRotationFailed']);
});

it('a schedule goes on after a restart, and what fell due meanwhile is done when its function is there', async () => {
  const folder = dataFolder();
  const first = await begun(folder, { AutomaticallyAfterDays: 10 });
  const events: RotationEvent[] = [];
  register(first.local, events);
  await first.rotate();
  await first.local.rotationSettled(SecretId);
  const described = await first.call('DescribeSecret', { SecretId });
  await first.local.close();

  const second = await opened(folder, { clock: first.clock });
  expect(await rawCaller(second)('DescribeSecret', { SecretId })).toEqual(described);
  register(second, events);
  await first.clock.turn(9 * DAY_MS);
  expect(events).toHaveLength(4);
  await first.clock.turn(DAY_MS);
  expect(events).toHaveLength(8);
  await second.close();

  await first.clock.turn(30 * DAY_MS);
  const third = await opened(folder, { clock: first.clock });
  await first.clock.turn(0);
  expect(events).toHaveLength(8);
  register(third, events);
  await first.clock.turn(0);
  expect(events).toHaveLength(12);
});
