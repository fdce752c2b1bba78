import { Aws, Duration } from 'aws-cdk-lib';
import type { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections } from 'aws-cdk-lib/aws-ec2';
import { type IPrincipal, type IRole, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  type Architecture,
  FunctionBase,
  type Function as LambdaFunction,
  type TenancyConfig,
} from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct, Node } from 'constructs';
import { codeOf } from './function-code.ts';
import { type FunctionFacts, factsFor } from './function-facts.ts';
import { type FunctionNetwork, networkOf } from './function-network.ts';
import { type FunctionSettings, makeFunction } from './function-resources.ts';
import { MasterSecrets, masterNeedOf } from './master-secrets.ts';
import { RotationPolicy } from './role-policies.ts';
import {
  type AlarmOptions,
  alarmOnErrors,
  alarmOnFailures,
  alarmOnOverdue,
  type OverdueAlarmOptions,
} from './rotation-alarms.ts';
import { type DashboardOptions, rotationDashboard } from './rotation-dashboard.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { RotationMonitor } from './rotation-monitor.ts';
import { environmentOf } from './rotation-options.ts';
import type { RotationTarget } from './rotation-target.ts';
import {
  type FunctionParts,
  ownSecretOf,
  type RotateSecretOptions,
  type RotateTargetOptions,
  SecretRotation,
} from './secret-rotation.ts';

/**
 * A Lambda function that rotates secrets: one for as many of them as fit its template. Its role allows what the rotation
 * of these secrets takes, and nothing else.
 */
export class RotationFunction extends FunctionBase {
  /** The function as aws-cdk-lib has it, for what is not here: layers, versions, aliases. */
  readonly lambda: LambdaFunction;
  /** What the function runs as. */
  readonly role: IRole;
  /** Where it logs. */
  readonly logGroup: ILogGroup;
  /** Its name. */
  readonly functionName: string;
  /** Its ARN: what a secret names as its rotation function. */
  readonly functionArn: string;
  /** The principal of its role, for grants. */
  readonly grantPrincipal: IPrincipal;
  /** Where permissions to invoke it are kept. */
  readonly permissionsNode: Node;
  /** The processor that it runs on. */
  readonly architecture: Architecture;
  /**
   * Rotations are of one tenant.
   * @default - none
   */
  readonly tenancyConfig?: TenancyConfig;
  protected readonly canCreatePermissions: boolean = true;
  readonly #parts: FunctionParts;
  readonly #rotations: SecretRotation[] = [];
  #monitor: RotationMonitor | undefined;

  constructor(scope: Construct, id: string, props: RotationFunctionProps) {
    super(scope, id);
    const facts = factsFor(props.template);
    const network = networkOf(this, props);
    const { lambda, role, logGroup } = makeFunction(this, settingsOf(props, facts, network), props);
    this.lambda = lambda;
    this.role = role;
    this.logGroup = logGroup;
    this.functionName = lambda.functionName;
    this.functionArn = lambda.functionArn;
    this.grantPrincipal = lambda.grantPrincipal;
    this.permissionsNode = this.node;
    this.architecture = lambda.architecture;
    const policy = new RotationPolicy(this, role, facts.actions, lambda.functionArn);
    if (network !== undefined) policy.denyVpcToTheCode();
    if (props.passwordSource === 'get-random-password') policy.allowGetRandomPassword();
    policy.allowUsers(props.iamUsers ?? []);
    // Without the account, any secret of any account could have the function invoked.
    this.addPermission('InvokePermission', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Aws.ACCOUNT_ID,
    });
    const permission = this.node.findChild('InvokePermission');
    const masterNeed = masterNeedOf(facts, props.passwordChangedBy);
    const masters = new MasterSecrets(lambda, policy, masterNeed);
    this.#parts = { lambda, facts, props, network, policy, permission, masters, masterNeed };
  }

  /**
   * Rotates the secret of a user of a database: opens the database to the function, lets the function use the secrets and
   * their keys, and sets the schedule. A secret that does not know its host is attached to the database.
   * @param id of the rotation, within this function
   * @throws Error naming everything that would make the rotation or its deploy fail, and what to do
   */
  rotate(id: string, target: RotationTarget, options: RotateTargetOptions = {}): SecretRotation {
    return this.#add(id, options.secret ?? ownSecretOf(target), options, target);
  }

  /**
   * Rotates a secret that belongs to nothing in this app's VPC, or whose target has no secrets that attach to it.
   * @param id of the rotation, within this function
   * @throws Error naming everything that would make the rotation or its deploy fail, and what to do
   */
  rotateSecret(id: string, secret: ISecret, options: RotateSecretOptions = {}): SecretRotation {
    return this.#add(id, secret, options, options.target);
  }

  /** Adds an environment variable. */
  addEnvironment(key: string, value: string): this {
    this.lambda.addEnvironment(key, value);
    return this;
  }

  /** An alarm on steps that failed. The service tries them again; the log says what to do. */
  alarmOnErrors(options: AlarmOptions = {}): Alarm {
    return alarmOnErrors(this, options);
  }

  /** An alarm on rotations that failed or were abandoned, also where the function was never invoked. Needs CloudTrail. */
  alarmOnFailedRotations(options: AlarmOptions = {}): Alarm {
    return alarmOnFailures(this, this.#watched(), options);
  }

  /** An alarm on secrets that should have been rotated by now, and on those whose rotation somebody has turned off. */
  alarmOnOverdueRotations(options: OverdueAlarmOptions = {}): Alarm {
    return alarmOnOverdue(this, this.#watched(), options);
  }

  /** A dashboard: rotations by how they ended, those that are overdue, steps, errors, and the last errors in words. */
  addDashboard(options: DashboardOptions = {}): Dashboard {
    return rotationDashboard(this, this.#watched(), options);
  }

  /** Its security groups. @throws Error if it is in no VPC */
  override get connections(): Connections {
    return this.lambda.connections;
  }

  /** Whether it is in a VPC. */
  override get isBoundToVpc(): boolean {
    return this.lambda.isBoundToVpc;
  }

  /** The ARNs that a right to invoke it names. */
  get resourceArnsForGrantInvoke(): string[] {
    return this.lambda.resourceArnsForGrantInvoke;
  }

  #add(id: string, secret: ISecret, options: RotateSecretOptions, target: RotationTarget | undefined): SecretRotation {
    const rotation = new SecretRotation(this, id, { ...options, target, secret, parts: this.#parts });
    this.#rotations.push(rotation);
    this.#monitor?.watch(rotation.secret);
    return rotation;
  }

  #watched(): RotationMonitor {
    if (this.#monitor === undefined) {
      this.#monitor = new RotationMonitor(this, 'Monitor', this.functionName, this.#parts.props);
      for (const { secret } of this.#rotations) this.#monitor.watch(secret);
    }
    return this.#monitor;
  }
}

function settingsOf(
  props: RotationFunctionProps,
  facts: FunctionFacts,
  network: FunctionNetwork | undefined,
): FunctionSettings {
  const { runtime, template, memorySize = 256, timeout = Duration.seconds(facts.timeoutSeconds) } = props;
  const [, major] = /^nodejs(\d+)\.x$/.exec(runtime?.name ?? '') ?? [];
  // Of one's own code nothing is known, nor is its language.
  if (template !== undefined && runtime !== undefined && !(Number(major) >= 22)) {
    throw new Error(`runtime: ${runtime.name} does not run the templates. They need Node.js 22 or later.`);
  }
  const environment = { ...environmentOf(props, facts), ...props.environment };
  const description = props.description ?? facts.description;
  return { ...codeOf(props), description, environment, timeout, memorySize, network, actions: facts.actions };
}
