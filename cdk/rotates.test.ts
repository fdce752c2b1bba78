import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type RunningService, recordOutput, recordSecret } from '@keyturn/engine-conformance';
import { LocalSecretsManager, ManualClock } from '@keyturn/local-secrets-manager';
import { services } from '@keyturn/service-postgres';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { DatabaseInstance, DatabaseInstanceEngine, DatabaseSecret, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packFunction } from '../scripts/pack/pack-function.ts';
import { RotationFunction, RotationSchedule, RotationTemplate } from './src/index.ts';
import { Deployment } from './testing/deployment.ts';

process.env.CDK_VALIDATION = 'false';
const HOUR_MS = 3_600_000;
// A Tuesday.
const deployedAt = Date.UTC(2026, 5, 2, 12);
let running: RunningService;
let folder = '';

beforeAll(async () => {
  const service = services.at(-1);
  if (service === undefined) throw new Error('there is no PostgreSQL for this platform');
  await service.prepare();
  [running, folder] = await Promise.all([service.start(), mkdtemp(join(tmpdir(), 'keyturn-cdk-rotates-'))]);
});
afterAll(async () => {
  recordOutput(running.log());
  await running.stop();
  await rm(folder, { recursive: true });
});

/** PostgreSQL on RDS with an application's user, as somebody writes it. */
function synthesize(template: RotationTemplate, endpoint: string): CloudAssembly {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const vpc = new Vpc(stack, 'Vpc', { natGateways: 1 });
  const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 });
  const database = new DatabaseInstance(stack, 'Database', { engine, vpc });
  const masterSecret = template.facts.master === 'needed' ? database.secret : undefined;
  const secret = new DatabaseSecret(stack, 'Application', { username: 'shop', masterSecret });
  const rotation = new RotationFunction(stack, 'Rotation', { template, vpc, endpoint, tlsCaPem: running.ca });
  rotation.rotate('Application', database, {
    secret,
    masterSecret,
    schedule: RotationSchedule.cron({ weekDay: 'SUN', hour: '3', window: Duration.hours(2) }),
    rotateImmediately: false,
  });
  return app.synth();
}

describe.each([
  ['one user', RotationTemplate.postgresSingleUser(), 8],
  ['two users that take turns', RotationTemplate.postgresMultiUser(), 9],
] as const)('a synthesized app rotates a real PostgreSQL: %s', (name, template, callsOfRotation) => {
  const clock = new ManualClock(deployedAt);
  const manager = new LocalSecretsManager({ clock, rotation: { attempts: 1 } });
  const client = new SecretsManagerClient(manager.clientOptions({ caller: 'application' }));
  let deployment: Deployment;
  let secretId = '';

  const current = async (): Promise<Record<string, string>> => {
    const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    const value = JSON.parse(SecretString);
    recordSecret(value.password);
    return value;
  };
  const logsIn = ({ username = '', password = '' }: Record<string, string>) => running.logsIn(username, password);

  beforeAll(async () => {
    await packFunction(template.name);
    const { url } = await manager.listen({ port: 0 });
    deployment = await Deployment.of(synthesize(template, url), 'Stack', {
      manager,
      folder: join(folder, template.name),
      attached: { engine: 'postgres', host: running.host, port: running.port, dbname: running.database },
      async onSecret(_id, value) {
        // RDS makes the first one itself, and it is the master; the application's somebody makes.
        const { username = '', password = '' } = value;
        if (username === 'shop') await running.createUser(username, password);
        else Object.assign(value, running.administrator);
      },
    });
    [secretId = ''] = await deployment.schedule();
  });
  afterAll(async () => {
    for (const line of deployment.output) recordOutput(line);
    recordOutput(JSON.stringify(manager.timeline.entries));
    await manager.close();
    await deployment.process.close();
    if (name === 'one user') await running.execute?.('DROP OWNED BY shop CASCADE; DROP ROLE shop');
  });

  test('nothing is rotated when it is deployed: the function is tested', async () => {
    expect(deployment.output.map((line) => JSON.parse(line).message)).toContain('configuration-tested');
    expect((await current()).username).toBe('shop');
    expect(await logsIn(await current())).toBe(true);
  });

  test('nothing is rotated before the window opens', async () => {
    const before = await current();
    await clock.turn(Date.UTC(2026, 5, 7, 3) - deployedAt - 1);
    expect(await current()).toEqual(before);
  });

  test('in the window the bundle rotates, with the environment and the role of the template: the new login works', async () => {
    const before = await current();
    const from = manager.timeline.of('call').length;
    await clock.turn(2 * HOUR_MS);
    const after = await current();
    expect(deployment.output.filter((line) => JSON.parse(line).level === 'ERROR')).toEqual([]);
    expect(after.password).not.toBe(before.password);
    expect(after.username).toBe(name === 'one user' ? 'shop' : 'shop_clone');
    expect(await logsIn(after)).toBe(true);
    expect(await logsIn(before)).toBe(name !== 'one user');
    const calls = manager.timeline.of('call').slice(from);
    expect(calls.filter(({ caller }) => caller.startsWith('RotationFunction'))).toHaveLength(callsOfRotation);
  });

  test('and a week later again', async () => {
    const before = await current();
    await clock.turn(7 * 24 * HOUR_MS);
    const after = await current();
    expect(after.password).not.toBe(before.password);
    expect(after.username).toBe('shop');
    expect(await logsIn(after)).toBe(true);
  });

  test('the role was asked about every call, and refused none', () => {
    expect(deployment.role.asked.length).toBeGreaterThan(2 * callsOfRotation);
    expect(deployment.role.refused).toEqual([]);
  });

  test('the control: without the right to store a version, the rotation fails', async () => {
    const { role } = deployment;
    role.statements = role.statements.map((statement) =>
      statement.Sid === 'RotateSecretsOfThisFunction'
        ? {
            ...statement,
            Action: statement.Action.filter((action: string) => action !== 'secretsmanager:PutSecretValue'),
          }
        : statement,
    );
    const before = await current();
    await clock.turn(7 * 24 * HOUR_MS);
    expect(await current()).toEqual(before);
    const errors = deployment.output.map((line) => JSON.parse(line)).filter(({ level }) => level === 'ERROR');
    expect(errors.at(-1)).toMatchObject({ code: 'secrets-manager-denied', step: 'createSecret' });
  });
});
