import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { LocalSecretsManager, ManualClock } from '@keyturn/local-secrets-manager';
import { Duration } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../testing/bundles.ts';
import { type Json, World } from '../testing/world.ts';
import { RotationTemplate } from './index.ts';

beforeAll(() => build(RotationTemplate.postgresSingleUser()));

/** A world with so many secrets that a function rotates. */
function withSecrets(count: number) {
  const world = new World();
  const rotation = world.rotation();
  const rotate = (id: number) => {
    rotation.rotateSecret(`Of${id}`, world.secret({ engine: 'postgres', host: 'db', username: 'app' }, `Secret${id}`));
  };
  for (let id = 1; id <= count; id += 1) rotate(id);
  return { world, rotation, rotate };
}

const alarm = (world: World, id: string) => world.properties('AWS::CloudWatch::Alarm', `Rotation${id}`);

describe('alarms', () => {
  test('on errors of the function; whoever has a topic is told of their beginning and of their end', () => {
    const { world, rotation } = withSecrets(1);
    rotation.alarmOnErrors({ topic: new Topic(world.stack, 'Topic') });
    expect(alarm(world, 'ErrorsAlarm')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringMatching(/^RotationFunction/) } }],
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: expect.stringMatching(/^Topic/) }],
      OKActions: [{ Ref: expect.stringMatching(/^Topic/) }],
    });
    // Nothing is watched that nobody asks about.
    world.template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('on failed and abandoned rotations, as the service tells of them', () => {
    const { world, rotation } = withSecrets(1);
    rotation.alarmOnFailedRotations();
    const { Metrics, TreatMissingData } = alarm(world, 'FailedRotationsAlarm');
    const [sum, ...parts] = Metrics;
    expect(sum).toMatchObject({ Expression: 'FILL(failed, 0) + FILL(abandoned, 0)', ReturnData: true });
    expect(
      parts.map(({ MetricStat }: Json) => [MetricStat.Metric.Namespace, MetricStat.Metric.MetricName, MetricStat.Stat]),
    ).toEqual([
      ['Keyturn', 'RotationFailed', 'Sum'],
      ['Keyturn', 'RotationAbandoned', 'Sum'],
    ]);
    expect(TreatMissingData).toBe('notBreaching');
    expect(world.properties('AWS::Events::Rule', 'RotationMonitorEvents').EventPattern).toEqual({
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: {
        eventSource: ['secretsmanager.amazonaws.com'],
        eventName: ['RotationSucceeded', 'RotationFailed', 'RotationAbandoned'],
        additionalEventData: { SecretId: [{ Ref: expect.stringMatching(/^Secret1/) }] },
      },
    });
  });

  test('on overdue rotations; that nobody looks is one too', () => {
    const { world, rotation } = withSecrets(1);
    rotation.alarmOnOverdueRotations({ tolerance: Duration.hours(6) });
    expect(alarm(world, 'OverdueRotationsAlarm')).toMatchObject({
      Namespace: 'Keyturn',
      MetricName: 'OverdueRotations',
      Statistic: 'Maximum',
      Period: 3600,
      TreatMissingData: 'breaching',
    });
    expect(world.properties('AWS::Lambda::Function', 'RotationMonitor').Environment.Variables).toMatchObject({
      TOLERANCE_HOURS: '6',
      ROTATION_FUNCTION: { Ref: expect.stringMatching(/^RotationFunction/) },
    });
    const { ScheduleExpression, Targets } = world.properties('AWS::Events::Rule', 'RotationMonitorCheck');
    expect(ScheduleExpression).toBe('rate(15 minutes)');
    expect(Targets[0].Input['Fn::Join'][1]).toEqual([
      '{"secretIds":["',
      { Ref: expect.stringMatching(/^Secret1/) },
      '"]}',
    ]);
  });

  test('secrets are watched that come before and after the alarm, three by a rule', () => {
    const { world, rotation, rotate } = withSecrets(3);
    rotation.alarmOnOverdueRotations();
    for (let id = 4; id <= 8; id += 1) rotate(id);
    const rules = Object.values(world.template.findResources('AWS::Events::Rule'));
    const inEvents = rules.flatMap(
      ({ Properties }) => Properties.EventPattern?.detail.additionalEventData.SecretId ?? [],
    );
    expect(inEvents).toHaveLength(8);
    expect(
      rules.map(({ Properties }) => Properties.EventPattern?.detail.additionalEventData.SecretId.length ?? 0).sort(),
    ).toEqual([0, 0, 0, 2, 3, 3]);
    const { Statement } = Object.entries(world.template.findResources('AWS::IAM::Policy'))
      .filter(([id]) => id.startsWith('RotationMonitorPolicy'))
      .map(([, { Properties }]) => Properties.PolicyDocument)[0];
    expect(Statement).toMatchObject([{ Action: 'secretsmanager:DescribeSecret' }]);
    expect(Statement[0].Resource).toHaveLength(8);
  });

  test('a pattern with three secrets of the longest names is within what EventBridge takes', () => {
    const { world, rotation } = withSecrets(0);
    rotation.alarmOnFailedRotations();
    for (let id = 1; id <= 3; id += 1) {
      const arn = `arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:${`${id}`.padEnd(512, 'n')}-abcdef`;
      rotation.rotateSecret(`Of${id}`, Secret.fromSecretCompleteArn(world.stack, `Secret${id}`, arn));
    }
    const { EventPattern } = world.properties('AWS::Events::Rule', 'RotationMonitorEvents');
    expect(JSON.stringify(EventPattern).length).toBeLessThan(2048);
  });
});

test('the dashboard shows how rotations ended, what is overdue, and the words of errors', () => {
  const { world, rotation } = withSecrets(1);
  rotation.addDashboard({ dashboardName: 'rotations' });
  const { DashboardName, DashboardBody } = world.properties('AWS::CloudWatch::Dashboard');
  expect(DashboardName).toBe('rotations');
  const text = JSON.stringify(DashboardBody);
  for (const metric of [
    'RotationSucceeded',
    'RotationFailed',
    'RotationAbandoned',
    'OverdueRotations',
    'Errors',
    'Duration',
    'Throttles',
  ]) {
    expect(text).toContain(metric);
  }
  expect(text).toContain('step-failed');
});

describe('the code of the monitor, on the local Secrets Manager', () => {
  // Real time has passed since then: to the monitor, which has the machine's clock, these dates are long ago.
  const clock = new ManualClock(Date.now() - 10 * 24 * 3_600_000);
  const manager = new LocalSecretsManager({ clock, rotation: { attempts: 1 } });
  const client = new SecretsManagerClient(manager.clientOptions());
  let url = '';

  beforeAll(async () => {
    ({ url } = await manager.listen({ port: 0 }));
  });
  afterAll(() => manager.close());

  /** A secret that was rotated ten days ago, and is rotated every so many days. */
  async function rotatedEvery(days: number): Promise<string> {
    const Name = `every-${days}-days-${Math.random()}`;
    const { ARN = '' } = await client.send(new CreateSecretCommand({ Name, SecretString: '{}' }));
    const RotationLambdaARN = manager.registerFunction('does-nothing', async () => {});
    const RotationRules = { AutomaticallyAfterDays: days };
    await client.send(new RotateSecretCommand({ SecretId: ARN, RotationLambdaARN, RotationRules }));
    await manager.rotationSettled(ARN);
    return ARN;
  }

  /** What the monitor writes, as Lambda would run it. */
  async function written(event: object, tolerance = '24'): Promise<Json[]> {
    const script = `require(${JSON.stringify(join(import.meta.dirname, 'rotation-monitor.cjs'))}).handler(${JSON.stringify(event)})`;
    const env = {
      PATH: process.env.PATH,
      AWS_REGION: manager.region,
      AWS_ACCESS_KEY_ID: 'monitor',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      ROTATION_FUNCTION: 'rotator',
      TOLERANCE_HOURS: tolerance,
    };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  test('counts what is overdue, what is off, and what cannot be described; says which and why', async () => {
    const [late, early, off] = [await rotatedEvery(2), await rotatedEvery(30), await rotatedEvery(30)];
    await client.send(new CancelRotateSecretCommand({ SecretId: off }));
    const gone = `${early.slice(0, -7)}-gone-abcdef`;
    const lines = await written({ secretIds: [late, early, off, gone] });
    expect(lines.slice(0, -1).map(({ message, secretId, reason }) => [message, secretId, reason])).toEqual([
      ['rotation-overdue', late, expect.stringMatching(/^was to be rotated before 20/)],
      ['rotation-overdue', off, 'rotation is off'],
      ['rotation-overdue', gone, 'cannot be described: ResourceNotFoundException'],
    ]);
    expect(lines.at(-1)).toMatchObject({
      RotationFunction: 'rotator',
      OverdueRotations: 3,
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'Keyturn',
            Dimensions: [['RotationFunction']],
            Metrics: [{ Name: 'OverdueRotations', Unit: 'Count' }],
          },
        ],
      },
    });
  });

  test('tolerates what it is told to tolerate', async () => {
    const late = await rotatedEvery(2);
    expect((await written({ secretIds: [late] }, '24')).at(-1)?.OverdueRotations).toBe(1);
    expect((await written({ secretIds: [late] }, '1000')).at(-1)?.OverdueRotations).toBe(0);
  });

  test.each(['RotationSucceeded', 'RotationFailed', 'RotationAbandoned'])('counts the event %s', async (eventName) => {
    const detail = {
      eventSource: 'secretsmanager.amazonaws.com',
      eventName,
      additionalEventData: { SecretId: 'arn:x' },
    };
    expect(await written({ 'detail-type': 'AWS Service Event via CloudTrail', detail })).toEqual([
      expect.objectContaining({ [eventName]: 1, secretId: 'arn:x', RotationFunction: 'rotator' }),
    ]);
  });
});
