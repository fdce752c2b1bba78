import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { RunningService } from '@keyturn/engine-conformance';
import { type BundleProcess, bundleProcess, LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { services } from '../packages/engines/postgres/service/index.ts';
import { bundleTemplate } from '../scripts/bundle-template.ts';
import type { Act } from './acts.ts';

/** What a call to Secrets Manager takes here, in milliseconds: about what it takes on AWS. */
const callMs = 10;

/** A credential, as a client reads it. */
interface Credential {
  readonly username: string;
  readonly password: string;
}

/** One act's secret and the function that rotates it. */
export interface Scene {
  readonly secretId: string;
  readonly functionArn: string;
  readonly process: BundleProcess;
  /** What AWSCURRENT says. */
  current(): Promise<Credential>;
  /** Every credential that is still stored. */
  credentials(): Promise<Credential[]>;
}

/** PostgreSQL, the local Secrets Manager, and what the demonstration needs of both. */
export class Stage {
  readonly database: RunningService;
  readonly manager: LocalSecretsManager;
  readonly client: SecretsManagerClient;
  /** What the functions have printed so far. */
  readonly functionOutput: string[] = [];
  readonly #folder: string;
  readonly #masterArn: string;

  private constructor(parts: {
    readonly database: RunningService;
    readonly manager: LocalSecretsManager;
    readonly client: SecretsManagerClient;
    readonly folder: string;
    readonly masterArn: string;
  }) {
    this.database = parts.database;
    this.manager = parts.manager;
    this.client = parts.client;
    this.#folder = parts.folder;
    this.#masterArn = parts.masterArn;
  }

  /** Starts the servers, and stores the master secret. */
  static async set(say: (line: string) => void): Promise<Stage> {
    const service = services.at(-1);
    if (service === undefined) throw new Error('There is no PostgreSQL for this platform.');
    await service.prepare();
    const database = await service.start();
    const folder = await mkdtemp(join(tmpdir(), 'keyturn-demo-'));
    const manager = new LocalSecretsManager({
      rotation: { attempts: 1 },
      onCall: ({ moment }) => (moment === 'before' ? { action: 'delay', ms: callMs } : { action: 'pass' }),
    });
    try {
      say(`PostgreSQL ${service.version} is up at ${database.host}:${database.port}, over TLS only`);
      const { url } = await manager.listen();
      say(`Secrets Manager is up at ${url}, ${callMs} ms a call`);
      await writeFile(join(folder, 'ca.pem'), database.ca);
      const client = new SecretsManagerClient({
        endpoint: url,
        region: manager.region,
        credentials: { accessKeyId: 'client', secretAccessKey: 'local' },
      });
      const masterArn = await store(client, 'demo/master', database, database.administrator);
      return new Stage({ database, manager, client, folder, masterArn });
    } catch (error) {
      await manager.close();
      await database.stop();
      await rm(folder, { recursive: true });
      throw error;
    }
  }

  /** Builds an act's bundle, and makes its user and its secret. */
  async enter({ template, user, secretName }: Act, say: (line: string) => void): Promise<Scene> {
    const { client, database, manager } = this;
    const file = await bundleTemplate(template);
    say(`The bundle is built: templates/${template}/dist/index.mjs`);
    const process = bundleProcess({
      file,
      environment: { TLS_CA_FILE: join(this.#folder, 'ca.pem') },
      onLog: ({ text }) => void this.functionOutput.push(text),
    });
    const functionArn = manager.registerFunction(template, process);
    const first = { username: user, password: randomBytes(18).toString('base64url') };
    await database.createUser(first.username, first.password);
    const secretId = await store(client, secretName, database, { ...first, masterarn: this.#masterArn });
    say(`The user "${user}" has a password, and the secret ${secretName} holds it`);
    return {
      secretId,
      functionArn,
      process,
      current: () => read(client, secretId),
      credentials: async () => [first, ...(await storedCredentials(client, secretId))],
    };
  }

  async close(): Promise<void> {
    await this.manager.close();
    await this.database.stop();
    await rm(this.#folder, { recursive: true });
  }
}

async function store(
  client: SecretsManagerClient,
  name: string,
  { engineName, host, port, database }: RunningService,
  credential: object,
): Promise<string> {
  const secret = { engine: engineName, host, port, dbname: database, ...credential };
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: name, SecretString: JSON.stringify(secret) }));
  return ARN;
}

async function read(client: SecretsManagerClient, secretId: string, versionId?: string): Promise<Credential> {
  const { SecretString = '{}' } = await client.send(
    new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId }),
  );
  return JSON.parse(SecretString);
}

async function storedCredentials(client: SecretsManagerClient, secretId: string): Promise<Credential[]> {
  const listed = await client.send(new ListSecretVersionIdsCommand({ SecretId: secretId, IncludeDeprecated: true }));
  return Promise.all((listed.Versions ?? []).map(({ VersionId }) => read(client, secretId, VersionId)));
}
