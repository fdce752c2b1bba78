import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { CallHook, LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { type Json, makeStack, readTemplate } from './template-cloudformation.ts';
import { allowedBy, grantsOf, type PolicyQuestion, type PolicyUse } from './template-iam.ts';

/** What a role of a template is made for. */
export interface RoleOptions {
  readonly template: string;
  readonly functionArn: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const via = 'secretsmanager.us-east-1.amazonaws.com';

/** The role that a template's stack makes: it is asked about every call, and remembers what it was asked. */
export class TemplateRole {
  /** What Lambda does as the role. */
  readonly lambdaStatements: readonly Json[];
  /** What the function does as the role. A test may change them. */
  statements: Json[];
  readonly asked: PolicyQuestion[] = [];
  readonly #options: Pick<RoleOptions, 'parameters'>;

  /** A role of statements that are there already: no template of the pack made it. */
  constructor(options: Pick<RoleOptions, 'parameters'>, lambdaStatements: readonly Json[], statements: Json[]) {
    this.#options = options;
    this.lambdaStatements = lambdaStatements;
    this.statements = statements;
  }

  static async make(options: RoleOptions): Promise<TemplateRole> {
    const { template, functionArn, parameters } = options;
    const attributes = (resource: string, name: string): string =>
      resource === template && name === 'Arn' ? functionArn : `${resource}.${name}`;
    const { resources } = makeStack(await readTemplate(template), parameters, attributes);
    const [inline, ...others] = resources[`${template}Role`].Policies;
    if (others.length > 0) throw new Error('the role has more policies than one');
    return new TemplateRole(options, inline.PolicyDocument.Statement, [
      ...resources.RotationPolicy.PolicyDocument.Statement,
    ]);
  }

  /** Every action of a statement that allows the function something. */
  get grants(): PolicyUse[] {
    return grantsOf(this.statements);
  }

  /** What of it the questions so far needed. */
  get uses(): PolicyUse[] {
    const uses = this.asked.flatMap((question) => allowedBy(this.statements, question) ?? []);
    return [...new Map(uses.map((use) => [`${use.sid} ${use.action}`, use])).values()];
  }

  /** The questions that it answers with no. */
  get refused(): PolicyQuestion[] {
    return this.asked.filter((question) => allowedBy(this.statements, question) === undefined);
  }

  allows(question: PolicyQuestion): boolean {
    this.asked.push(question);
    return allowedBy(this.statements, question) !== undefined;
  }

  /**
   * Asks the role about each call of Secrets Manager that the function makes, and about the KMS calls that the service
   * makes in its name, and answers as AWS does where it may not. Source of the KMS calls: "Secret encryption and
   * decryption in AWS Secrets Manager", user guide.
   * @param callers how the timeline names the function
   */
  enforcedOn(manager: LocalSecretsManager, callers: readonly string[]): CallHook {
    const service = new SecretsManagerClient(manager.clientOptions({ caller: 'policy of the role' }));
    return async ({ moment, caller, operation, secretId }) => {
      if (moment !== 'before' || !callers.includes(caller)) return undefined;
      for (const question of await this.#questions(service, operation, secretId)) {
        if (this.allows(question)) continue;
        const message = `User is not authorized to perform: ${question.action}`;
        return { action: 'error', type: 'AccessDeniedException', message, status: 400 };
      }
      return undefined;
    };
  }

  async #questions(
    service: SecretsManagerClient,
    operation: string,
    secretId: string | undefined,
  ): Promise<PolicyQuestion[]> {
    const action = `secretsmanager:${operation}`;
    if (secretId === undefined) return [{ action, resource: '*' }];
    const { ARN = '', RotationLambdaARN } = await service.send(new DescribeSecretCommand({ SecretId: secretId }));
    const rotation: Record<string, string> =
      RotationLambdaARN === undefined ? {} : { 'secretsmanager:resource/allowrotationlambdaarn': RotationLambdaARN };
    return [
      { action, resource: ARN, context: rotation },
      ...this.#keyActions(operation).flatMap((keyAction) => {
        const resource = this.#keyOf(RotationLambdaARN);
        return resource === undefined ? [] : [{ action: keyAction, resource, context: { 'kms:viaservice': via } }];
      }),
    ];
  }

  #keyActions(operation: string): readonly string[] {
    if (operation === 'GetSecretValue') return ['kms:Decrypt'];
    return operation === 'PutSecretValue' ? ['kms:GenerateDataKey', 'kms:Decrypt'] : [];
  }

  /** The key of a secret: of the master secret, which no function of this stack rotates, or of the rotated one. */
  #keyOf(rotationLambdaArn: string | undefined): string | undefined {
    const { kmsKeyArn, masterSecretKmsKeyArn } = this.#options.parameters;
    return rotationLambdaArn === undefined ? masterSecretKmsKeyArn : kmsKeyArn;
  }
}
