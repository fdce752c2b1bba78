import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { RotationFunction, type RotationFunctionOptions, type Step, singleUser } from '@keyturn/core';
import { MemoryDatabase } from '@keyturn/engine-conformance';
import {
  type CallHook,
  LocalSecretsManager,
  type LocalSecretsManagerOptions,
  type RotationResult,
} from '@keyturn/local-secrets-manager';

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:rotate';

/** A secret as the AWS guide gives it, for the user of the memory database. */
export const goodSecret = {
  engine: 'memory',
  host: 'db.example',
  port: 1,
  username: 'app',
  password: 'first-password-of-app',
};

export const masterSecret: typeof goodSecret = {
  ...goodSecret,
  username: 'master',
  password: 'password-of-the-master',
};

/** What a bench may have otherwise. */
export interface BenchOptions {
  /** The secret's text. @default - {@link goodSecret} */
  readonly text?: string;
  readonly binary?: Uint8Array;
  readonly changedBy?: 'user' | 'master';
  readonly function?: RotationFunctionOptions;
  readonly manager?: LocalSecretsManagerOptions;
  /** Asked at each call of the function. */
  readonly onCall?: CallHook;
}

/** A secret, its database and its function, with a rotation begun of which no step has been taken. */
export class RotationBench {
  readonly database: MemoryDatabase = new MemoryDatabase();
  readonly manager: LocalSecretsManager;
  readonly person: SecretsManagerClient;
  secretId = '';
  token = '';
  #function: RotationFunction;
  readonly #options: BenchOptions;

  private constructor(options: BenchOptions) {
    this.#options = options;
    this.manager = new LocalSecretsManager({ rotation: { attempts: 1 }, ...options.manager });
    this.person = new SecretsManagerClient(this.manager.clientOptions({ caller: 'person' }));
    this.#function = this.#makeFunction();
  }

  static async make(options: BenchOptions = {}): Promise<RotationBench> {
    const bench = new RotationBench(options);
    await bench.#begin();
    return bench;
  }

  /** The function in a new process, which remembers nothing. */
  restart(): void {
    this.#function = this.#makeFunction();
  }

  /** Takes one step; rejects with the step's error. */
  async step(Step: Step | string, token: string = this.token, remainingMs = 30_000): Promise<void> {
    const event = { Step, SecretId: this.secretId, ClientRequestToken: token, RotationToken: 'r'.repeat(40) };
    await this.#function.handler(event, { getRemainingTimeInMillis: () => remainingMs });
  }

  async steps(...names: Step[]): Promise<void> {
    for (const name of names) await this.step(name);
  }

  async rotate(): Promise<void> {
    await this.steps('createSecret', 'setSecret', 'testSecret', 'finishSecret');
  }

  /** Makes a new AWSPENDING version without a value, as RotateSecret does, and takes no step. */
  async begin(): Promise<void> {
    this.token = randomUUID();
    // The service would invoke the function; this one fails at once, and the version stays.
    this.manager.registerFunction(functionArn, async () => {
      throw new Error('not this way');
    });
    await this.person.send(
      new RotateSecretCommand({
        SecretId: this.secretId,
        ClientRequestToken: this.token,
        RotationLambdaARN: functionArn,
        RotationRules: { AutomaticallyAfterDays: 30 },
      }),
    );
    await this.manager.rotationSettled(this.secretId);
  }

  /** Turns rotation on with RotateImmediately=false, and waits for the service's test of it. */
  async configureWithoutRotating(): Promise<RotationResult> {
    this.manager.registerFunction(functionArn, (event) => this.#function.handler(event));
    await this.person.send(
      new RotateSecretCommand({
        SecretId: this.secretId,
        RotationLambdaARN: functionArn,
        RotationRules: { AutomaticallyAfterDays: 30 },
        RotateImmediately: false,
      }),
    );
    return this.manager.rotationSettled(this.secretId);
  }

  /** The labels of every version that has one. */
  async labels(): Promise<Record<string, string[]>> {
    const { VersionIdsToStages = {} } = await this.person.send(new DescribeSecretCommand({ SecretId: this.secretId }));
    return VersionIdsToStages;
  }

  /** The value with this label, or with this version id. */
  async value(of: { label?: string; id?: string } = { label: 'AWSCURRENT' }): Promise<Record<string, unknown>> {
    const { SecretString = '{}' } = await this.person.send(
      new GetSecretValueCommand({ SecretId: this.secretId, VersionStage: of.label, VersionId: of.id }),
    );
    return JSON.parse(SecretString);
  }

  async takePendingOff(): Promise<void> {
    const label = { SecretId: this.secretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: this.token };
    await this.person.send(new UpdateSecretVersionStageCommand(label));
  }

  /** Everything that a rotation could change: labels, values, passwords. */
  async everything(): Promise<unknown> {
    const { Versions = [] } = await this.person.send(
      new ListSecretVersionIdsCommand({ SecretId: this.secretId, IncludeDeprecated: true }),
    );
    const values = await Promise.all(
      Versions.map(async ({ VersionId, VersionStages }) => {
        const value = await this.person
          .send(new GetSecretValueCommand({ SecretId: this.secretId, VersionId }))
          .then(({ SecretString, SecretBinary }) => SecretString ?? SecretBinary)
          .catch((error: Error) => error.name);
        return { VersionId, VersionStages, value };
      }),
    );
    const passwords = [...this.database.users].map(([user, { password }]) => ({ user, password }));
    return { values, passwords };
  }

  async #begin(): Promise<void> {
    const { text = JSON.stringify(goodSecret), binary } = this.#options;
    this.database.add('app', goodSecret.password);
    this.database.add('master', masterSecret.password);
    await this.person.send(new CreateSecretCommand({ Name: 'master', SecretString: JSON.stringify(masterSecret) }));
    const { ARN = '' } = await this.person.send(
      new CreateSecretCommand({
        Name: 'app',
        ...(binary === undefined ? { SecretString: text } : { SecretBinary: binary }),
      }),
    );
    this.secretId = ARN;
    await this.begin();
  }

  #makeFunction(): RotationFunction {
    const { changedBy = 'user', onCall } = this.#options;
    const client = new SecretsManagerClient(
      this.manager.clientOptions({ caller: 'function', ...(onCall === undefined ? {} : { onCall }) }),
    );
    const given = { masterSecretArn: 'master', consistencyWaitMs: 300, client, env: {} };
    return new RotationFunction(singleUser(this.database.engine(), { changedBy }), {
      ...given,
      ...this.#options.function,
    });
  }
}
