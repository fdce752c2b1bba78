import type { Duration } from 'aws-cdk-lib';
import type { IInterfaceVpcEndpoint, ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IManagedPolicy, IRole, IUser } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { RotationOptions } from './rotation-options.ts';
import type { RotationTemplate } from './rotation-template.ts';

/** Which code a rotation function runs, where, as whom, and how it rotates. */
export interface RotationFunctionProps extends RotationOptions {
  /**
   * The ready function to run. Either this or `entry`.
   * @default - the code that entry names
   */
  readonly template?: RotationTemplate;
  /**
   * The built code of your own: an `.mjs`, `.cjs` or `.js` file, a folder with an `index.mjs`, or a zip of one. It exports
   * `handler`. Nothing is bundled at synth.
   * @default - the code of the template
   */
  readonly entry?: string;
  /**
   * The secret of the user that makes and changes users, for every secret that names none in its `masterarn`.
   * @default - each secret or each rotation names its own, if it needs one
   */
  readonly masterSecret?: ISecret;
  /**
   * The IAM users whose access keys are rotated, for `RotationTemplate.iamAccessKey()`.
   * @default - none
   */
  readonly iamUsers?: readonly IUser[];
  /**
   * The VPC of what is rotated.
   * @default - not in a VPC
   */
  readonly vpc?: IVpc;
  /**
   * The subnets of the function.
   * @default - private ones with a way out; else isolated ones, with an interface endpoint for Secrets Manager: the one
   * that the VPC has, or a new one
   */
  readonly vpcSubnets?: SubnetSelection;
  /**
   * The security groups of the function.
   * @default - one of its own, that lets HTTPS out, and each target's port
   */
  readonly securityGroups?: readonly ISecurityGroup[];
  /**
   * The interface endpoint for Secrets Manager, if it is none that this app makes before the function.
   * @default - found in the app or made, if a subnet has no way out
   */
  readonly secretsManagerEndpoint?: IInterfaceVpcEndpoint;
  /**
   * The name of the function.
   * @default - CloudFormation makes one
   */
  readonly functionName?: string;
  /**
   * What the function is for.
   * @default - what the template says
   */
  readonly description?: string;
  /**
   * Any Node.js runtime from 22 on.
   * @default - the newest that Keyturn is tested on, Node.js 24
   */
  readonly runtime?: Runtime;
  /**
   * The processor. A bundle runs on both.
   * @default Architecture.ARM_64
   */
  readonly architecture?: Architecture;
  /**
   * In MB.
   * @default 256
   */
  readonly memorySize?: number;
  /**
   * For one step. Every wait of the function is cut to fit.
   * @default - a minute; more where the template says so
   */
  readonly timeout?: Duration;
  /**
   * How many invocations are kept free for the function, which are the most it gets.
   * @default - none are reserved
   */
  readonly reservedConcurrentExecutions?: number;
  /**
   * X-Ray.
   * @default Tracing.DISABLED
   */
  readonly tracing?: Tracing;
  /**
   * More environment variables.
   * @default - those of the options
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * The key that the environment variables are encrypted with.
   * @default - Lambda's own
   */
  readonly environmentEncryption?: IKey;
  /**
   * The role that the function runs as. It gets the rights that it lacks, unless it cannot be changed.
   * @default - one of its own
   */
  readonly role?: IRole;
  /**
   * The path of the role that is made.
   * @default '/'
   */
  readonly rolePath?: string;
  /**
   * The permissions boundary of the roles that are made.
   * @default - none but what the stack or the app sets
   */
  readonly permissionsBoundary?: IManagedPolicy;
  /**
   * Where the function logs.
   * @default - a log group of its own, which outlives the stack
   */
  readonly logGroup?: ILogGroup;
  /**
   * How long the log is kept that is made.
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
  /**
   * The key that the log is encrypted with that is made. Its policy must let CloudWatch Logs use it.
   * @default - CloudWatch's own
   */
  readonly logEncryptionKey?: IKey;
}
