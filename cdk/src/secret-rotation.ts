import { Stack } from 'aws-cdk-lib';
import { type IConnectable, InterfaceVpcEndpointAwsService, Port, type SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IDependable } from 'constructs';
import { connectionsHere } from './connections-here.ts';
import type { FunctionFacts } from './function-facts.ts';
import { type FunctionNetwork, openEndpoint } from './function-network.ts';
import type { MasterNeed, MasterSecrets } from './master-secrets.ts';
import type { RotationPolicy } from './role-policies.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { RotationSchedule } from './rotation-schedule.ts';
import { canBeAttachedTo, managesItsSecret, type RotationTarget } from './rotation-target.ts';
import { checkSecret } from './secret-checks.ts';
import { attachmentOf, shapeOf } from './secret-shape.ts';

/** When and how a secret is rotated. */
export interface RotateOptions {
  /**
   * When it is rotated.
   * @default - 30 days after the last rotation
   */
  readonly schedule?: RotationSchedule;
  /**
   * Whether it is rotated as soon as it is deployed, and again whenever this resource changes; if not, only the function
   * is tested.
   * @default true
   */
  readonly rotateImmediately?: boolean;
  /**
   * The secret of the user that makes and changes users.
   * @default - what the secret's masterarn names; else that of the function, if it needs one
   */
  readonly masterSecret?: ISecret;
}

/** The same, for a secret alone. */
export interface RotateSecretOptions extends RotateOptions {
  /**
   * What the function connects to.
   * @default - nothing in a VPC
   */
  readonly target?: IConnectable;
}

/** The same, for a user of a database. */
export interface RotateTargetOptions extends RotateOptions {
  /**
   * The secret of the user.
   * @default - that of the target's own user
   */
  readonly secret?: ISecret;
}

/** What a rotation uses of its function. */
export interface FunctionParts {
  readonly lambda: LambdaFunction;
  readonly facts: FunctionFacts;
  readonly props: RotationFunctionProps;
  readonly network: FunctionNetwork | undefined;
  readonly policy: RotationPolicy;
  readonly masters: MasterSecrets;
  readonly masterNeed: MasterNeed;
  /** That Secrets Manager may invoke it. */
  readonly permission: IDependable;
}

/** What a rotation is made of: a secret, and what goes with it. */
export interface SecretRotationProps extends RotateOptions {
  readonly parts: FunctionParts;
  readonly secret: ISecret;
  readonly target?: RotationTarget;
}

/** The rotation of one secret by a {@link RotationFunction}. */
export class SecretRotation extends Construct {
  /** The secret, attached to its target where it has one. */
  readonly secret: ISecret;
  /** When it is rotated. */
  readonly schedule: RotationSchedule;

  constructor(scope: Construct, id: string, props: SecretRotationProps) {
    super(scope, id);
    const { parts, target } = props;
    const shape = shapeOf(props.secret);
    const master = props.masterSecret ?? parts.props.masterSecret;
    const attaches = target !== undefined && canBeAttachedTo(target) && shape !== undefined && !('host' in shape);
    const attachment = attachmentOf(props.secret);
    refuseSecondRotation(this, props.secret);
    checkSecret(
      {
        path: props.secret.node.path,
        shape,
        isAttached: attaches || attachment !== undefined,
        targetEngine: target?.engine?.engineType,
        master: master !== undefined ? 'given' : typeof shape?.masterarn === 'string' ? 'named' : 'none',
        masterNeed: parts.masterNeed,
      },
      parts.facts,
    );
    this.secret = attachment ?? (attaches ? props.secret.attach(target) : props.secret);
    this.schedule = props.schedule ?? RotationSchedule.days(30);
    parts.policy.allowRotation(this.secret);
    parts.masters.use(props.secret, shape, master);
    if (master !== undefined) openWayToRds(parts, master);
    const resource = new CfnRotationSchedule(this, 'Schedule', {
      secretId: this.secret.secretArn,
      rotationLambdaArn: parts.lambda.functionArn,
      rotateImmediatelyOnUpdate: props.rotateImmediately ?? true,
      rotationRules: ruleProperties(this.schedule),
    });
    // The first rotation begins as soon as this resource is there: whatever it needs must be there before.
    resource.node.addDependency(parts.permission, parts.policy.policy, ...(parts.network?.endpoints ?? []));
    if (target !== undefined) resource.node.addDependency(...connect(this, target, parts));
  }
}

/** CloudFormation would find out at deploy that a secret has one schedule. */
function refuseSecondRotation(scope: Construct, secret: ISecret): void {
  const arns = [secret, attachmentOf(secret)].map((each) => each?.secretArn);
  const other = scope.node.root.node
    .findAll()
    .find((each) => each instanceof CfnRotationSchedule && arns.includes(each.secretId));
  if (other === undefined) return;
  throw new Error(`${secret.node.path} is rotated already, by ${other.node.path}. Leave one of the two out.`);
}

function ruleProperties({ rules }: RotationSchedule): CfnRotationSchedule.RotationRulesProperty {
  const { AutomaticallyAfterDays: automaticallyAfterDays, ScheduleExpression: scheduleExpression, Duration } = rules;
  return { automaticallyAfterDays, scheduleExpression, duration: Duration };
}

/** Opens the target's port to the function. @returns what must be there before the function can connect */
function connect(scope: Construct, target: RotationTarget, { lambda, facts, network }: FunctionParts): IDependable[] {
  if (network === undefined) {
    throw new Error(
      `${scope.node.path}: the function is in no VPC, and the target is in one. Give vpc to the function; for a target that the internet reaches, use rotateSecret().`,
    );
  }
  const connections = connectionsHere(scope, target);
  const description = 'Rotation of its users';
  if (connections.defaultPort !== undefined) connections.allowDefaultPortFrom(lambda, description);
  else if (facts.defaultPort !== undefined) connections.allowFrom(lambda, Port.tcp(facts.defaultPort), description);
  else throw new Error(`${scope.node.path}: the port of the target is not known. Give its connections a defaultPort.`);
  const own = [...connections.securityGroups, ...network.securityGroups];
  return own.filter((group): group is SecurityGroup => Stack.of(group) === Stack.of(scope));
}

/** A managed master secret does not say where its server is, and Amazon RDS is asked. */
function openWayToRds({ facts, network, props }: FunctionParts, master: ISecret): void {
  if (network?.isIsolated !== true || !('FindTheServer' in facts.actions) || props.masterHost !== undefined) return;
  const saysWhere = attachmentOf(master) !== undefined || shapeOf(master)?.host !== undefined;
  if (!saysWhere) openEndpoint(network, InterfaceVpcEndpointAwsService.RDS);
}

/** The secret of the target's own user. @throws Error where there is none, or where AWS rotates it */
export function ownSecretOf(target: RotationTarget): ISecret {
  if (target.secret === undefined) {
    throw new Error('The target has no secret that is known here. Give the secret of the user that is to be rotated.');
  }
  if (managesItsSecret(target)) {
    throw new Error(
      'The secret of the target is managed and rotated by AWS itself. Rotate the secrets of its other users, with this one as masterSecret.',
    );
  }
  return target.secret;
}
