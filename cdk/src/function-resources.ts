import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  type FunctionProps,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { FunctionCode } from './function-code.ts';
import type { FunctionNetwork } from './function-network.ts';
import { lambdaPolicy } from './role-policies.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import type { TemplateFacts } from './template-facts.ts';

/** The Lambda function with its role and its log. */
export interface FunctionResources {
  readonly lambda: LambdaFunction;
  readonly role: IRole;
  readonly logGroup: ILogGroup;
}

/** What sets a function apart from others. */
export interface FunctionSettings extends FunctionCode {
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly network: FunctionNetwork | undefined;
  /** What the role has to allow, by the Sid of the statement. */
  readonly actions: TemplateFacts['actions'];
}

/** Makes them, in the construct that they belong to. */
export function makeFunction(
  scope: Construct,
  { network, actions, environment, ...settings }: FunctionSettings,
  props: Pick<RotationFunctionProps, HowItRuns>,
): FunctionResources {
  const role = props.role ?? ownRole(scope, props);
  const logGroup = props.logGroup ?? ownLogGroup(scope, props);
  const { functionName, reservedConcurrentExecutions, environmentEncryption, tracing } = props;
  const traced = tracing !== undefined && tracing !== Tracing.DISABLED;
  const lambda = new LambdaFunction(scope, 'Function', {
    ...settings,
    runtime: props.runtime ?? Runtime.NODEJS_24_X,
    architecture: props.architecture ?? Architecture.ARM_64,
    environment: { ...environment },
    role,
    logGroup,
    functionName,
    reservedConcurrentExecutions,
    environmentEncryption,
    ...(network === undefined ? {} : placeIn(network)),
  });
  // Not by the function's own option, which would put a right without a name into the role's default policy.
  if (traced) (lambda.node.defaultChild as CfnFunction).tracingConfig = { mode: tracing };
  // Lambda joins the VPC and logs before anything else.
  lambda.node.addDependency(lambdaPolicy(scope, role, actions, { logGroup, inVpc: network !== undefined, traced }));
  return { lambda, role, logGroup };
}

type HowItRuns =
  | 'role'
  | 'rolePath'
  | 'permissionsBoundary'
  | 'logGroup'
  | 'logRetention'
  | 'logEncryptionKey'
  | 'functionName'
  | 'reservedConcurrentExecutions'
  | 'environmentEncryption'
  | 'tracing'
  | 'runtime'
  | 'architecture';

function placeIn({ vpc, subnets, securityGroups }: FunctionNetwork): Partial<FunctionProps> {
  // aws-cdk-lib asks about public subnets: networkOf has seen to a way out of them.
  return { vpc, vpcSubnets: { subnets: [...subnets] }, securityGroups, allowPublicSubnet: true };
}

function ownRole(scope: Construct, { rolePath, permissionsBoundary }: Pick<RotationFunctionProps, HowItRuns>): Role {
  return new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    path: rolePath,
    permissionsBoundary,
  });
}

function ownLogGroup(
  scope: Construct,
  { logRetention, logEncryptionKey }: Pick<RotationFunctionProps, HowItRuns>,
): LogGroup {
  return new LogGroup(scope, 'LogGroup', {
    retention: logRetention ?? RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.RETAIN,
    encryptionKey: logEncryptionKey,
  });
}
