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
import { bundleProcess, LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { services } from '../packages/engines/postgres/service/index.ts';
import { bundleTemplate } from '../scripts/bundle-template.ts';

const template = 'SecretsManagerRDSPostgreSQLRotationSingleUser';

/** What a call to Secrets Manager takes here, in milliseconds: about what it takes on AWS. */
const callMs = 10;

/** Everything that the demonstration is played with. */
export interface Stage {
  readonly database: RunningService;
  readonly databaseVersion: string;
  readonly manager: LocalSecretsManager;
  readonly url: string;
  readonly client: SecretsManagerClient;
  readonly secretId: string;
  readonly functionArn: string;
  readonly functionName: string;
  readonly user: string;
  /** What the function has printed so far. */
  readonly functionOutput: readonly string[];
  /** The process that runs the bundle, once it has been invoked. */
  functionPid(): number | undefined;
  /** Every password that is still stored. */
  passwords(): Promise<string[]>;
  close(): Promise<void>;
}

/** Starts PostgreSQL and the local Secrets Manager, builds the bundle, and makes the user and its secret. */
export async function setStage(say: (line: string) => void): Promise<Stage> {
  const service = services.at(-1);
  if (service === undefined) throw new Error('There is no PostgreSQL for this platform.');
  await service.prepare();
  const database = await service.start();
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-demo-'));
  const manager = new LocalSecretsManager({
    rotation: { attempts: 1 },
    onCall: ({ moment }) => (moment === 'before' ? { action: 'delay', ms: callMs } : { action: 'pass' }),
  });
  const close = async (): Promise<void> => {
    await manager.close();
    await database.stop();
    await rm(folder, { recursive: true });
  };
  try {
    say(`PostgreSQL ${service.version} is up at ${database.host}:${database.port}, over TLS only`);
    const { url } = await manager.listen();
    say(`Secrets Manager is up at ${url}, ${callMs} ms a call`);
    const file = await bundleTemplate(template);
    say(`The bundle is built: templates/${template}/dist/index.mjs`);
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, database.ca);
    const functionOutput: string[] = [];
    const target = bundleProcess({
      file,
      environment: { TLS_CA_FILE: caFile },
      onLog: ({ text }) => void functionOutput.push(text),
    });
    const functionArn = manager.registerFunction(template, target);
    const client = new SecretsManagerClient({
      endpoint: url,
      region: manager.region,
      credentials: { accessKeyId: 'client', secretAccessKey: 'local' },
    });
    const user = 'app';
    const password = randomBytes(18).toString('base64url');
    await database.createUser(user, password);
    const { host, port } = database;
    const secret = { engine: database.engineName, host, port, dbname: database.database, username: user, password };
    const { ARN: secretId = '' } = await client.send(
      new CreateSecretCommand({ Name: 'demo/app', SecretString: JSON.stringify(secret) }),
    );
    say(`The user "${user}" has a password, and the secret demo/app holds it`);
    return {
      database,
      databaseVersion: service.version,
      manager,
      url,
      client,
      secretId,
      functionArn,
      functionName: template,
      user,
      functionOutput,
      functionPid: () => target.pid,
      passwords: async () => [password, ...(await storedPasswords(client, secretId))],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function storedPasswords(client: SecretsManagerClient, secretId: string): Promise<string[]> {
  const listed = await client.send(new ListSecretVersionIdsCommand({ SecretId: secretId, IncludeDeprecated: true }));
  const values = await Promise.all(
    (listed.Versions ?? []).map(({ VersionId }) =>
      client.send(new GetSecretValueCommand({ SecretId: secretId, VersionId })),
    ),
  );
  return values.map(({ SecretString = '{}' }) => JSON.parse(SecretString).password);
}
