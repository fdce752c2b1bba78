import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
import { type DatabaseService, type RunningService, recordOutput, recordSecret } from '@keyturn/engine-conformance';
import {
  type BundleProcess,
  bundleProcess,
  LocalSecretsManager,
  type RotationResult,
} from '@keyturn/local-secrets-manager';
import { bundleTemplate } from '../scripts/bundle-template.ts';
import { templatesFolder } from '../scripts/templates.ts';

/** A template's newest server, by the engine that the template depends on; undefined where it depends on none. */
export async function databaseServiceOf(template: string): Promise<DatabaseService | undefined> {
  const manifest = JSON.parse(await readFile(join(templatesFolder, template, 'package.json'), 'utf8'));
  const engine = Object.keys(manifest.dependencies).find((name) => name.startsWith('@keyturn/engine-'));
  if (engine === undefined) return undefined;
  const folder = engine.replace('@keyturn/engine-', '');
  const { services } = await import(`../packages/engines/${folder}/service/index.ts`);
  return services.at(-1);
}

/** The same, of a template that is known to have a database. */
export async function serviceOf(template: string): Promise<DatabaseService> {
  const service = await databaseServiceOf(template);
  if (service === undefined) throw new Error(`${template} depends on no engine`);
  return service;
}

/** How a bench's function reaches its database, and what runs it. */
export interface TemplateBenchOptions {
  /** Where the secret says that the database is. @default - the server itself */
  readonly port?: number;
  /** What the function trusts. @default - the server's authority */
  readonly ca?: string;
  /** More variables for the function's process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A secret that a template's built bundle rotates, in a process of its own, over HTTP, as on AWS. */
export class TemplateBench {
  readonly manager: LocalSecretsManager = new LocalSecretsManager({ rotation: { attempts: 1 } });
  readonly output: string[] = [];
  user = '';
  secretId = '';
  readonly #running: RunningService;
  readonly #template: string;
  readonly #options: TemplateBenchOptions;
  #client = new SecretsManagerClient({});
  #folder = '';
  #url = '';
  #process: BundleProcess | undefined;
  #functionArn = '';

  private constructor(template: string, running: RunningService, options: TemplateBenchOptions) {
    this.#options = options;
    this.#template = template;
    this.#running = running;
  }

  static async make(
    template: string,
    running: RunningService,
    options: TemplateBenchOptions = {},
  ): Promise<TemplateBench> {
    const bench = new TemplateBench(template, running, options);
    await bench.#make();
    return bench;
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
      TLS_CA_FILE: join(this.#folder, 'ca.pem'),
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
    const { username, password } = JSON.parse(SecretString);
    return this.#running.logsIn(username, password);
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
      if (SecretString !== undefined) recordSecret(JSON.parse(SecretString).password);
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
    const { host, database, engineName } = this.#running;
    const { port = this.#running.port, ca = this.#running.ca } = this.#options;
    const { url } = await this.manager.listen();
    this.#url = url;
    this.#client = new SecretsManagerClient({
      endpoint: url,
      region: this.manager.region,
      credentials: { accessKeyId: 'person', secretAccessKey: 'local' },
    });
    this.#folder = await mkdtemp(join(tmpdir(), 'keyturn-test-'));
    const caFile = join(this.#folder, 'ca.pem');
    await writeFile(caFile, ca);
    this.#process = bundleProcess({
      file: await bundleTemplate(this.#template),
      environment: { TLS_CA_FILE: caFile, ...this.#options.environment },
      onLog: ({ text }) => void this.output.push(text),
    });
    this.#functionArn = this.manager.registerFunction(this.#template, this.#process);
    this.user = `bundle_${randomBytes(6).toString('hex')}`;
    const password = randomBytes(12).toString('hex');
    await this.#running.createUser(this.user, password);
    await this.#running.furnish?.(this.user);
    const at = { engine: engineName, host, port, dbname: database };
    const masterarn = await this.#createSecret('master', { ...at, ...this.#running.administrator });
    this.secretId = await this.#createSecret('app', { ...at, username: this.user, password, masterarn });
  }

  async #createSecret(Name: string, secret: object): Promise<string> {
    const { ARN = '' } = await this.#client.send(
      new CreateSecretCommand({ Name, SecretString: JSON.stringify(secret) }),
    );
    return ARN;
  }
}
