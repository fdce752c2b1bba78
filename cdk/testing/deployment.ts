import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { recordSecret } from '@keyturn/engine-conformance';
import { type BundleProcess, bundleProcess, type LocalSecretsManager } from '@keyturn/local-secrets-manager';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { unzipSync } from 'fflate';
import { makeStack } from '../../test/template-cloudformation.ts';
import { TemplateRole } from '../../test/template-role.ts';
import type { Json } from './world.ts';

/** What a stack's resources come to on this machine. */
export interface Place {
  readonly manager: LocalSecretsManager;
  /** For the function's code. */
  readonly folder: string;
  /** What an attachment adds to a secret: where its database is. */
  readonly attached: Readonly<Record<string, string | number>>;
  /** Called with each secret's value before anything rotates: the users that it names are to be there. */
  readonly onSecret: (id: string, value: Record<string, string>) => Promise<void>;
}

/**
 * A synthesized stack as it stands in its template, taken at its word: secrets with their values, the function's bundle in
 * a process of its own with the environment that the template gives it, a role of the template's statements that is asked about each call,
 * and the schedules. What is not of rotations is left out.
 */
export class Deployment {
  /** The ARNs of the secrets, by the logical ids of them and of their attachments. */
  readonly secrets: Map<string, string> = new Map();
  readonly output: string[] = [];
  readonly #place: Place;
  readonly #template: Json;
  readonly #client: SecretsManagerClient;
  readonly #assembly: CloudAssembly;
  #process: BundleProcess | undefined;
  #functionArn = '';
  #role: TemplateRole | undefined;

  private constructor(assembly: CloudAssembly, stack: string, place: Place) {
    this.#assembly = assembly;
    this.#template = assembly.getStackByName(stack).template;
    this.#place = place;
    this.#client = new SecretsManagerClient(place.manager.clientOptions({ caller: 'CloudFormation' }));
  }

  static async of(assembly: CloudAssembly, stack: string, place: Place): Promise<Deployment> {
    const deployment = new Deployment(assembly, stack, place);
    await deployment.#makeSecrets();
    deployment.#makeFunction();
    deployment.#makeRole();
    return deployment;
  }

  get role(): TemplateRole {
    if (this.#role === undefined) throw new Error('the stack is not deployed');
    return this.#role;
  }

  get process(): BundleProcess {
    if (this.#process === undefined) throw new Error('the stack is not deployed');
    return this.#process;
  }

  /** Sets the schedules, as CloudFormation does last of all. @returns the ids of the secrets */
  async schedule(): Promise<string[]> {
    const ids: string[] = [];
    for (const { SecretId, RotationLambdaARN, RotationRules, RotateImmediatelyOnUpdate } of this.#all(
      'AWS::SecretsManager::RotationSchedule',
    )) {
      const rotation = { SecretId, RotationLambdaARN, RotationRules, RotateImmediately: RotateImmediatelyOnUpdate };
      await this.#client.send(new RotateSecretCommand(rotation));
      await this.#place.manager.rotationSettled(SecretId);
      ids.push(SecretId);
    }
    return ids;
  }

  async #makeSecrets(): Promise<void> {
    const attachments = this.#raw('AWS::SecretsManager::SecretTargetAttachment');
    for (const [id, { Properties }] of this.#raw('AWS::SecretsManager::Secret')) {
      const { SecretStringTemplate, GenerateStringKey } = this.#resolved(Properties).GenerateSecretString;
      const isAttached = attachments.some(([, attachment]) => attachment.Properties.SecretId.Ref === id);
      const password = randomBytes(12).toString('hex');
      recordSecret(password);
      const value = { ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: password };
      const whole = isAttached ? { ...value, ...this.#place.attached } : value;
      await this.#place.onSecret(id, whole);
      const SecretString = JSON.stringify(whole);
      const { ARN = '' } = await this.#client.send(new CreateSecretCommand({ Name: id, SecretString }));
      const names = attachments.filter(([, { Properties: of }]) => of.SecretId.Ref === id).map(([name]) => name);
      for (const name of [id, ...names]) this.secrets.set(name, ARN);
    }
  }

  #makeFunction(): void {
    const { Code, Environment = { Variables: {} }, Handler, Timeout } = this.#one('AWS::Lambda::Function');
    const zip = readFileSync(join(this.#assembly.directory, `asset.${Code.S3Key}`));
    const [file = ''] = Handler.split('.');
    const code = join(this.#place.folder, `${file}.mjs`);
    mkdirSync(this.#place.folder, { recursive: true });
    writeFileSync(code, unzipSync(zip)[`${file}.mjs`] as Uint8Array);
    this.#process = bundleProcess({
      file: code,
      timeoutMs: Timeout * 1000,
      environment: Environment.Variables,
      onLog: ({ text }) => void this.output.push(text),
    });
    const [[id] = ['']] = this.#raw('AWS::Lambda::Function');
    this.#functionArn = this.#place.manager.registerFunction(id, this.#process);
  }

  #makeRole(): void {
    const [[, { Properties }] = ['', { Properties: {} }]] = this.#raw('AWS::Lambda::Function');
    const [role] = Properties.Role['Fn::GetAtt'];
    const policies = this.#raw('AWS::IAM::Policy').filter(([, policy]) => policy.Properties.Roles[0].Ref === role);
    const statements = policies.map(([, policy]) => this.#resolved(policy.Properties).PolicyDocument.Statement);
    this.#role = new TemplateRole({ parameters: {} }, [], statements.flat());
    const [[id] = ['']] = this.#raw('AWS::Lambda::Function');
    this.#place.manager.setOnCall(this.#role.enforcedOn(this.#place.manager, [id]));
  }

  #raw(type: string): [id: string, resource: Json][] {
    return Object.entries<Json>(this.#template.Resources).filter(([, { Type }]) => Type === type);
  }

  #all(type: string): Json[] {
    return this.#raw(type).map(([, { Properties }]) => this.#resolved(Properties));
  }

  #one(type: string): Json {
    const [first, ...others] = this.#all(type);
    if (first === undefined || others.length > 0) throw new Error(`there is not one ${type}`);
    return first;
  }

  /** Properties with the values that references have here. */
  #resolved(properties: Json): Json {
    const template = {
      ...this.#template,
      Resources: { ...this.#template.Resources, Wanted: { Properties: properties } },
    };
    const isFunction = (id: string) => this.#template.Resources[id]?.Type === 'AWS::Lambda::Function';
    const attribute = (id: string, name: string): string =>
      this.secrets.get(id) ?? (isFunction(id) && name === 'Arn' ? this.#functionArn : `${id}.${name}`);
    return makeStack(template, {}, attribute).resources.Wanted;
  }
}
