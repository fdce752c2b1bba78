import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { rotating, SecretId } from '../../testing/rotation.ts';
import { clientThrough, service, token } from '../../testing/service.ts';
import { ManualClock } from '../clock.ts';
import type { TimelineEntry } from '../index.ts';
import { Timeline } from './timeline.ts';

it('holds each call with its secret, version, caller, outcome and duration', async () => {
  const clock = new ManualClock(1_000_000);
  const local = service({ clock });
  const client = await clientThrough('in-process', local);
  const v1 = token();
  const { ARN } = await client.send(
    new CreateSecretCommand({ Name: SecretId, SecretString: 'S0', ClientRequestToken: v1 }),
  );
  await client.send(new GetSecretValueCommand({ SecretId: 'absent' })).catch(() => undefined);
  const call = { kind: 'call', at: 1_000_000, caller: 'in-process', durationMs: 0 };
  expect(local.timeline.of('call')).toEqual([
    { ...call, operation: 'CreateSecret', secretId: ARN, versionId: v1, outcome: 'ok' },
    { ...call, operation: 'GetSecretValue', secretId: 'absent', outcome: 'ResourceNotFoundException' },
  ]);
});

it('holds each move of labels, with where they were', async () => {
  const { local, client, v1 } = await rotating();
  const secretId = local.timeline.of('labels')[0]?.secretId;
  const { VersionId: v2 = '' } = await client.send(
    new PutSecretValueCommand({ SecretId, SecretString: 'S1', VersionStages: ['BLUE'] }),
  );
  local.timeline.clear();
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: v1,
      MoveToVersionId: v2,
    }),
  );
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: v2,
      MoveToVersionId: v2,
    }),
  );
  expect(local.timeline.of('labels')).toEqual([
    {
      kind: 'labels',
      at: expect.any(Number),
      secretId,
      before: { AWSCURRENT: v1, BLUE: v2 },
      labels: { AWSCURRENT: v2, AWSPREVIOUS: v1, BLUE: v2 },
    },
  ]);
});

it('holds a rotation in the order in which it happened', async () => {
  const { local, rotate } = await rotating();
  local.timeline.clear();
  await rotate();
  await local.rotationSettled(SecretId);
  const told = local.timeline.entries.map((entry) =>
    'operation' in entry ? entry.operation : 'step' in entry ? entry.step : 'event' in entry ? entry.event : entry.kind,
  );
  expect(told).toEqual([
    'labels',
    'RotateSecret',
    'RotationStarted',
    'PutSecretValue',
    'createSecret',
    'setSecret',
    'testSecret',
    'DescribeSecret',
    'labels',
    'UpdateSecretVersionStage',
    'finishSecret',
    'RotationSucceeded',
  ]);
});

it('takes the entries of others, and tells all to whoever subscribes', () => {
  const { timeline } = service({ clock: new ManualClock(5) });
  const heard: TimelineEntry[] = [];
  const end = timeline.subscribe((entry) => heard.push(entry));
  timeline.record({ kind: 'login', user: 'app', ok: true });
  timeline.record({ kind: 'login', user: 'app', ok: false, at: 3 });
  end();
  timeline.record({ kind: 'login', user: 'later', ok: true });
  expect(heard).toEqual([
    { kind: 'login', at: 5, user: 'app', ok: true },
    { kind: 'login', at: 3, user: 'app', ok: false },
  ]);
  expect(timeline.entries).toHaveLength(3);
});

it('holds no secret value, whatever a function puts into its error', async () => {
  const password = 'Tr0ub4dor&"3\\taint';
  const value = JSON.stringify({ engine: 'postgres', host: 'db.example', username: 'application', password });
  const forms = [
    password,
    JSON.stringify(password).slice(1, -1),
    encodeURIComponent(password),
    Buffer.from(password).toString('base64'),
    Buffer.from(password).toString('hex'),
    value,
  ];
  const { local, client, rotate } = await rotating({
    rotation: { attempts: 1 },
    before: () => {
      throw new Error(`postgres at db.example refused application: ${forms.join(' ')}`);
    },
  });
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: value }));
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'plain text' }));
  await rotate();
  await local.rotationSettled(SecretId);
  const [step] = local.timeline.of('step');
  expect(step?.error?.errorMessage).toBe(
    `postgres at db.example refused application: ${forms.map(() => '[redacted]').join(' ')}`,
  );
  const everything = JSON.stringify(local.timeline.entries);
  for (const form of [...forms, 'plain text']) expect(everything).not.toContain(form);
});

it('a timeline with a limit keeps the latest entries, and its listeners hear of all', () => {
  const timeline = new Timeline(() => 0, 100);
  let heard = 0;
  timeline.subscribe(() => {
    heard += 1;
  });
  for (let number = 1; number <= 1000; number++) timeline.record({ kind: 'login', number });
  expect(heard).toBe(1000);
  expect(timeline.entries.length).toBeGreaterThanOrEqual(100);
  expect(timeline.entries.length).toBeLessThanOrEqual(125);
  expect(timeline.entries.at(-1)).toMatchObject({ number: 1000 });
});
