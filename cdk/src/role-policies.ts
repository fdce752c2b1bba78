import { Aws, Validations } from 'aws-cdk-lib';
import { Effect, type IRole, type IUser, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { TemplateFacts } from './template-facts.ts';

/** What Lambda does as the role, before the function is there: it logs, joins a VPC, and sends traces. */
export function lambdaPolicy(
  scope: Construct,
  role: IRole,
  actions: TemplateFacts['actions'],
  { logGroup, inVpc, traced }: { readonly logGroup: ILogGroup; readonly inVpc: boolean; readonly traced: boolean },
): Policy {
  const everywhere = [...(inVpc ? ['JoinTheVpc'] : []), ...(traced ? ['SendTraces'] : [])];
  const policy = new Policy(scope, 'LambdaPolicy', {
    roles: [role],
    statements: [
      allow('WriteTheLog', actions, [logGroup.logGroupArn]),
      ...everywhere.map((sid) => allow(sid, actions, ['*'])),
    ],
  });
  if (everywhere.length > 0) {
    explainStar(policy, 'EC2 takes no resource for these actions on network interfaces, nor does X-Ray for traces.');
  }
  return policy;
}

/** What the function does as the role. Statements come as secrets do. */
export class RotationPolicy {
  readonly #make: () => Policy;
  readonly #actions: TemplateFacts['actions'];
  readonly #functionArn: string;
  readonly #statements = new Map<string, PolicyStatement>();
  #policy: Policy | undefined;

  constructor(scope: Construct, role: IRole, actions: TemplateFacts['actions'], functionArn: string) {
    this.#actions = actions;
    this.#functionArn = functionArn;
    this.#make = () => new Policy(scope, 'Policy', { roles: [role] });
  }

  /** It is there when it allows something: CloudFormation takes none that is empty. */
  get policy(): Policy {
    this.#policy ??= this.#make();
    return this.#policy;
  }

  /** The secrets themselves, and only while they name this function (the guide's condition). */
  allowRotation(secret: ISecret): void {
    const condition = { StringEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': this.#functionArn } };
    this.#allow('RotateSecretsOfThisFunction', arnOf(secret), condition);
    if (secret.encryptionKey !== undefined) this.#allowKey('UseTheKeyOfTheSecret', secret.encryptionKey);
  }

  allowMaster(secret: Pick<ISecret, 'secretArn' | 'secretFullArn' | 'encryptionKey'>): void {
    this.#allow('ReadTheMasterSecret', arnOf(secret));
    if (secret.encryptionKey !== undefined) this.#allowKey('UseTheKeyOfTheMasterSecret', secret.encryptionKey);
    if (!('FindTheServer' in this.#actions) || this.#statements.has('FindTheServer')) return;
    this.#allow('FindTheServer', '*');
    explainStar(this.policy, 'Which server a host belongs to is only told by a search among all of them.');
  }

  allowGetRandomPassword(): void {
    this.#allow('MakePasswords', '*');
    explainStar(this.policy, 'GetRandomPassword takes no resource.');
  }

  /** The users whose access keys are rotated. @throws Error where the template rotates none */
  allowUsers(users: readonly IUser[]): void {
    if (users.length > 0 && !('RotateTheKeysOfTheseUsers' in this.#actions)) {
      throw new Error('iamUsers: the template rotates no access keys. Leave it out.');
    }
    for (const { userArn } of users) this.#allow('RotateTheKeysOfTheseUsers', userArn);
  }

  /** Lambda needs these rights, the code does not (Lambda developer guide, "Security best practices"). */
  denyVpcToTheCode(): void {
    const { JoinTheVpc: actions = [] } = this.#actions;
    this.policy.addStatements(
      new PolicyStatement({
        sid: 'KeepTheCodeFromTheVpc',
        effect: Effect.DENY,
        actions: [...actions],
        resources: ['*'],
        conditions: { ArnEquals: { 'lambda:SourceFunctionArn': this.#functionArn } },
      }),
    );
  }

  #allowKey(sid: string, key: IKey): void {
    const service = `secretsmanager.${Aws.REGION}.${Aws.URL_SUFFIX}`;
    this.#allow(sid, key.keyArn, { StringEquals: { 'kms:ViaService': service } });
  }

  #allow(sid: string, resource: string, conditions: Record<string, object> = {}): void {
    const present = this.#statements.get(sid);
    if (present === undefined) {
      const statement = allow(sid, this.#actions, [resource], conditions);
      this.#statements.set(sid, statement);
      this.policy.addStatements(statement);
    } else if (!present.resources.includes(resource)) present.addResources(resource);
  }
}

/** A statement of the actions that templates have under this Sid. */
function allow(
  sid: string,
  actions: TemplateFacts['actions'],
  resources: string[],
  conditions: Record<string, object> = {},
): PolicyStatement {
  const { [sid]: allowed } = actions;
  if (allowed === undefined) throw new Error(`No template has a statement ${sid}.`);
  return new PolicyStatement({ sid, actions: [...allowed], resources, conditions });
}

/** The ARN in full; of a secret that is known by its name alone, with the six characters that the service adds. */
function arnOf(secret: Pick<ISecret, 'secretArn' | 'secretFullArn'>): string {
  return secret.secretFullArn ?? `${secret.secretArn}-??????`;
}

/** Tells checkers such as cdk-nag why a statement names no single resource. */
function explainStar(policy: Policy, reason: string): void {
  Validations.of(policy).acknowledge({ id: 'AwsSolutions-IAM5[Resource::*]', reason });
}
