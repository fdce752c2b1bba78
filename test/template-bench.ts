import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
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

/** A template's newest server, by the engine that the template depends on. */
export async function serviceOf(template: string): Promise<DatabaseService> {
  const manifest = JSON.parse(await readFile(join(templatesFolder, template, 'package.json'), 'utf8'));
  const engine = Object.keys(manifest.dependencies).find((name) => name.startsWith('@keyturn/engine-'));
  const folder = engine?.replace('@keyturn/engine-', '') ?? '';
  const { services } = await import(`../packages/engines/${folder}/service/index.ts`);
  return services.at(-1);
}

/** A secret that a template's built bundle rotates, in a process of its own, over HTTP, as on AWS. */
export class TemplateBench {
  readonly manager: LocalSecretsManager = new LocalSecretsManager({ rotation: { attempts: 1 } });
  readonly output: string[] = [];
  user = '';
  secretId = '';
  readonly #running: RunningService;
  readonly #template: string;
  #client = new SecretsManagerClient({});
  #folder = '';
  #process: BundleProcess | undefined;
  #functionArn = '';

  private constructor(template: string, running: RunningService) {
    this.#template = template;
    this.#running = running;
  }

  static async make(template: string, running: RunningService): Promise<TemplateBench> {
    const bench = new TemplateBench(template, running);
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

  /** Whether AWSCURRENT logs in. */
  async currentWorks(): Promise<boolean> {
    const { SecretString = '{}' } = await this.#client.send(new GetSecretValueCommand({ SecretId: this.secretId }));
    return this.#running.logsIn(this.user, JSON.parse(SecretString).password);
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
    const { host, port, ca, database, engineName } = this.#running;
    const { url } = await this.manager.listen();
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
      environment: { TLS_CA_FILE: caFile },
      onLog: ({ text }) => void this.output.push(text),
    });
    this.#functionArn = this.manager.registerFunction(this.#template, this.#process);
    this.user = `bundle_${randomBytes(6).toString('hex')}`;
    const password = randomBytes(12).toString('hex');
    await this.#running.createUser(this.user, password);
    const secret = { engine: engineName, host, port, dbname: database, username: this.user, password };
    const { ARN = '' } = await this.#client.send(
      new CreateSecretCommand({ Name: 'app', SecretString: JSON.stringify(secret) }),
    );
    this.secretId = ARN;
  }
}
