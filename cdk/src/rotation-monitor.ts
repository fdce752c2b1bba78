import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Lazy } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { factsFor } from './function-facts.ts';
import { makeFunction } from './function-resources.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';

/** The metrics, each a count. */
export type RotationMetric = 'RotationSucceeded' | 'RotationFailed' | 'RotationAbandoned' | 'OverdueRotations';

/** A rule takes 2048 characters of ARNs, and a secret's name may have 512. */
const secretsOfARule = 3;

/**
 * Makes metrics of rotations, which Secrets Manager has none of: a small function of its own, outside the VPC, that gets the
 * service's events and asks every quarter of an hour for the dates of the secrets.
 */
export class RotationMonitor extends Construct {
  readonly lambda: LambdaFunction;
  readonly #functionName: string;
  readonly #describe: PolicyStatement = new PolicyStatement({
    sid: 'ReadTheDates',
    actions: ['secretsmanager:DescribeSecret'],
  });
  readonly #policy: Policy;
  readonly #groups: ISecret[][] = [];

  /** @param functionName of the function whose rotations are watched */
  constructor(scope: Construct, id: string, functionName: string, props: RotationFunctionProps) {
    super(scope, id);
    this.#functionName = functionName;
    const { rolePath, permissionsBoundary, logRetention, logEncryptionKey, environmentEncryption, architecture } =
      props;
    const { lambda, role } = makeFunction(
      this,
      {
        code: Code.fromInline(readFileSync(join(import.meta.dirname, 'rotation-monitor.cjs'), 'utf8')),
        handler: 'index.handler',
        description: `Makes metrics of the rotations by ${functionName}.`,
        environment: { ROTATION_FUNCTION: functionName },
        timeout: Duration.minutes(1),
        memorySize: 256,
        network: undefined,
        actions: factsFor(undefined).actions,
      },
      { rolePath, permissionsBoundary, logRetention, logEncryptionKey, environmentEncryption, architecture },
    );
    this.lambda = lambda;
    this.#policy = new Policy(this, 'Policy', { roles: [role] });
  }

  /** Watches a secret, too. */
  watch(secret: ISecret): void {
    this.#describe.addResources(secret.secretFullArn ?? `${secret.secretArn}-??????`);
    const last = this.#groups.at(-1);
    if (last !== undefined && last.length < secretsOfARule) last.push(secret);
    else this.#watchGroup([secret]);
  }

  /** A metric of the watched rotations. */
  metric(metricName: RotationMetric, period: Duration = Duration.minutes(5)): Metric {
    const statistic = metricName === 'OverdueRotations' ? Stats.MAXIMUM : Stats.SUM;
    const dimensionsMap = { RotationFunction: this.#functionName };
    return new Metric({ namespace: 'Keyturn', metricName, dimensionsMap, statistic, period });
  }

  #watchGroup(group: ISecret[]): void {
    if (this.#groups.length === 0) this.#policy.addStatements(this.#describe);
    const number = this.#groups.push(group);
    const events: RotationMetric[] = ['RotationSucceeded', 'RotationFailed', 'RotationAbandoned'];
    new Rule(this, `Events${number}`, {
      description: 'How rotations ended',
      eventPattern: {
        source: ['aws.secretsmanager'],
        detailType: ['AWS Service Event via CloudTrail'],
        detail: {
          eventSource: ['secretsmanager.amazonaws.com'],
          eventName: events,
          additionalEventData: { SecretId: Lazy.any({ produce: () => group.map(arnMatcher) }) },
        },
      },
      targets: [new LambdaTarget(this.lambda)],
    });
    const secretIds = Lazy.list({ produce: () => group.map(({ secretArn }) => secretArn) });
    new Rule(this, `Check${number}`, {
      description: 'Looks for rotations that are overdue',
      schedule: Schedule.rate(Duration.minutes(15)),
      targets: [new LambdaTarget(this.lambda, { event: RuleTargetInput.fromObject({ secretIds }) })],
    });
  }
}

/** In events stands the full ARN, also of a secret that the app knows by its name alone. */
function arnMatcher({ secretArn, secretFullArn }: ISecret): unknown {
  return secretFullArn ?? { prefix: `${secretArn}-` };
}
