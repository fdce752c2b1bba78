import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type RunningService, recordOutput, recordSecret } from '@keyturn/engine-conformance';
import {
  type BundleProcess,
  bundleProcess,
  LocalSecretsManager,
  type RotationResult,
} from '@keyturn/local-secrets-manager';
import { bundleTemplate } from '../scripts/bundle-template.ts';
import { type DatabaseOptions, databaseService, type TemplateService } from './template-service.ts';

/** How a bench's function runs. */
export interface TemplateBenchOptions extends DatabaseOptions {
  /** More variables for the function's process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The function's code. @default - the template's bundle, built by the first bench of this process that asks for it */
  readonly file?: string;
  /** The Node that runs it. @default - this one */
  readonly nodePath?: string;
}

const bundles = new Map<string, Promise<string>>();

function bundleOnce(template: string): Promise<string> {
  const bundle = bundles.get(template) ?? bundleTemplate(template);
  bundles.set(template, bundle);
  return bundle;
}

/** A secret that a template's built bundle rotates, in a process of its own, over HTTP, as on AWS. */
export class TemplateBench {
  readonly manager: LocalSecretsManager = new LocalSecretsManager({ rotation: { attempts: 1 } });
  readonly output: string[] = [];
  secretId = '';
  readonly #start: (folder: string) => Promise<TemplateService>;
  readonly #template: string;
  readonly #options: TemplateBenchOptions;
  #client = new SecretsManagerClient({});
  #service: TemplateService | undefined;
  #folder = '';
  #url = '';
  #process: BundleProcess | undefined;
  #functionArn = '';

  private constructor(
    template: string,
    start: (folder: string) => Promise<TemplateService>,
    options: TemplateBenchOptions,
  ) {
    this.#options = options;
    this.#template = template;
    this.#start = start;
  }

  /** With a user of a running database. */
  static make(template: string, running: RunningService, options: TemplateBenchOptions = {}): Promise<TemplateBench> {
    return TemplateBench.#started(template, (folder) => databaseService(running, folder, options), options);
  }

  /** With a user of a service that issues credentials. */
  static makeWith(
    template: string,
    service: TemplateService,
    options: TemplateBenchOptions = {},
  ): Promise<TemplateBench> {
    return TemplateBench.#started(template, async () => service, options);
  }

  static async #started(
    template: string,
    start: (folder: string) => Promise<TemplateService>,
    options: TemplateBenchOptions,
  ): Promise<TemplateBench> {
    const bench = new TemplateBench(template, start, options);
    await bench.#make();
    return bench;
  }

  get service(): TemplateService {
    if (this.#service === undefined) throw new Error('the bench is not made');
    return this.#service;
  }

  get process(): BundleProcess {
    if (this.#process === undefined) throw new Error('the bench is not made');
    return this.#process;
  }

  /** Rotates once, from RotateSecret to the end of the service's last attempt. */
  async rotate(): Promise<RotationResult> {
    await this.#client.send(
      new RotateSecretCommand({
        SecretId: this.secretId,
        RotationLambdaARN: this.#functionArn,
        RotationRules: { AutomaticallyAfterDays: 30 },
      }),
    );
    return this.manager.rotationSettled(this.secretId);
  }

  /** How the timeline names the function's calls: by its access key, which is the function's name unless the service gives it one. */
  get caller(): string {
    return this.service.environment.AWS_ACCESS_KEY_ID ?? this.#template;
  }

  /** The ARN of the function that runs the bundle. */
  get functionArn(): string {
    return this.#functionArn;
  }

  /** What a process of the function's own has in its environment. */
  get environment(): Record<string, string> {
    return {
      AWS_REGION: this.manager.region,
      AWS_ACCESS_KEY_ID: 'function',
      AWS_SECRET_ACCESS_KEY: 'local',
      SECRETS_MANAGER_ENDPOINT: this.#url,
      ...this.service.environment,
    };
  }

  /** Makes an AWSPENDING version without a value, and takes no step. @returns its id */
  async begin(): Promise<string> {
    const token = randomUUID();
    const { VersionIdsToStages = {} } = await this.#client.send(new DescribeSecretCommand({ SecretId: this.secretId }));
    const pending = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes('AWSPENDING'));
    if (pending !== undefined) {
      const label = { SecretId: this.secretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: pending };
      await this.#client.send(new UpdateSecretVersionStageCommand(label));
    }
    const RotationLambdaARN = this.manager.registerFunction('fails-at-once', async () => {
      throw new Error('not this way');
    });
    const rotation = { SecretId: this.secretId, ClientRequestToken: token, RotationLambdaARN };
    await this.#client.send(new RotateSecretCommand(rotation));
    await this.manager.rotationSettled(this.secretId);
    return token;
  }

  /** Whether AWSCURRENT logs in. */
  async currentWorks(): Promise<boolean> {
    const { SecretString = '{}' } = await this.#client.send(new GetSecretValueCommand({ SecretId: this.secretId }));
    return this.service.works(JSON.parse(SecretString));
  }

  /** Notes all passwords and all output, of the process too, for the search at the end of the test run. */
  async close(): Promise<void> {
    const { Versions = [] } = await this.#client.send(
      new ListSecretVersionIdsCommand({ SecretId: this.secretId, IncludeDeprecated: true }),
    );
    for (const { VersionId } of Versions) {
      const { SecretString } = await this.#client
        .send(new GetSecretValueCommand({ SecretId: this.secretId, VersionId }))
        .catch(() => ({ SecretString: undefined }));
      if (SecretString === undefined) continue;
      for (const value of this.service.valuesToHide(JSON.parse(SecretString))) recordSecret(value);
    }
    for (const line of this.output) recordOutput(line);
    const { pid } = this.process;
    if (pid !== undefined) {
      for (const file of ['cmdline', 'environ']) {
        recordOutput(await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''));
      }
    }
    recordOutput(JSON.stringify(this.manager.timeline.entries));
    await this.manager.close();
    await this.process.close();
    await rm(this.#folder, { recursive: true });
  }

  async #make(): Promise<void> {
    const { url } = await this.manager.listen();
    this.#url = url;
    this.#client = new SecretsManagerClient({
      endpoint: url,
      region: this.manager.region,
      credentials: { accessKeyId: 'person', secretAccessKey: 'local' },
    });
    this.#folder = await mkdtemp(join(tmpdir(), 'keyturn-test-'));
    this.#service = await this.#start(this.#folder);
    const { environment, file = await bundleOnce(this.#template), nodePath = process.execPath } = this.#options;
    this.#process = bundleProcess({
      file,
      nodePath,
      environment: { ...this.#service.environment, ...environment },
      onLog: ({ text }) => void this.output.push(text),
    });
    this.#functionArn = this.manager.registerFunction(this.#template, this.#process);
    const secret = await this.#service.makeSecret((name, other) => this.#createSecret(name, other));
    this.secretId = await this.#createSecret('app', secret);
  }

  async #createSecret(Name: string, secret: object): Promise<string> {
    const { ARN = '' } = await this.#client.send(
      new CreateSecretCommand({ Name, SecretString: JSON.stringify(secret) }),
    );
    return ARN;
  }
}
