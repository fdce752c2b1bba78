import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { RotationFunction, type RotationFunctionOptions, type Step, type Strategy, singleUser } from '@keyturn/core';
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
  /** @default - single user, changed by `changedBy` */
  readonly strategy?: (database: MemoryDatabase) => Strategy;
  /** The text of the master secret. @default - {@link masterSecret} */
  readonly master?: string;
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

  /** A process of its own: the function, with nothing remembered. */
  otherProcess(onCall?: CallHook): (Step: Step, token: string) => Promise<void> {
    const rotation = this.#makeFunction(onCall);
    return (Step, token) =>
      rotation.handler(
        { Step, SecretId: this.secretId, ClientRequestToken: token },
        { getRemainingTimeInMillis: () => 30_000 },
      );
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

  /**
   * Lets the service rotate: all steps, and what it notes at their end. Where it refuses because an earlier
   * rotation is not complete, and says that it reattempts that one, it does so first.
   */
  async rotateByService(): Promise<RotationResult> {
    this.manager.registerFunction(functionArn, (event) => this.#function.handler(event));
    try {
      await this.#rotateSecret();
    } catch (error) {
      if (!(error instanceof InvalidRequestException) || !error.message.includes('will be reattempted')) throw error;
      this.manager.reattemptRotation(this.secretId);
      await this.manager.rotationSettled(this.secretId);
      await this.#rotateSecret();
    }
    return this.manager.rotationSettled(this.secretId);
  }

  async #rotateSecret(): Promise<void> {
    this.token = randomUUID();
    await this.person.send(
      new RotateSecretCommand({
        SecretId: this.secretId,
        ClientRequestToken: this.token,
        RotationLambdaARN: functionArn,
        RotationRules: { AutomaticallyAfterDays: 30 },
      }),
    );
  }

  /** Rotates the master secret, as its own function would: stored, changed, promoted, with a pause before each. */
  async rotateMaster(pause: () => Promise<void>): Promise<void> {
    const password = `master-${randomUUID()}`;
    const token = randomUUID();
    const SecretString = JSON.stringify({ ...masterSecret, password });
    const before = await this.person.send(new DescribeSecretCommand({ SecretId: 'master' }));
    const [from] = Object.keys(before.VersionIdsToStages ?? {});
    await pause();
    await this.person.send(
      new PutSecretValueCommand({
        SecretId: 'master',
        ClientRequestToken: token,
        SecretString,
        VersionStages: ['AWSPENDING'],
      }),
    );
    await pause();
    this.database.add('master', password);
    await pause();
    await this.person.send(
      new UpdateSecretVersionStageCommand({
        SecretId: 'master',
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: from,
        MoveToVersionId: token,
      }),
    );
  }

  async masterValue(): Promise<Record<string, unknown>> {
    const { SecretString = '{}' } = await this.person.send(new GetSecretValueCommand({ SecretId: 'master' }));
    return JSON.parse(SecretString);
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

  async takePendingOff(token: string = this.token): Promise<void> {
    const label = { SecretId: this.secretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: token };
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
    const passwords = [...this.database.users].map(([user, { passwords, rights }]) => ({
      user,
      passwords: [...passwords],
      rights: [...rights],
    }));
    return { values, passwords };
  }

  async #begin(): Promise<void> {
    const { text = JSON.stringify(goodSecret), binary } = this.#options;
    this.database.add('app', goodSecret.password);
    this.database.add('master', masterSecret.password);
    await this.person.send(
      new CreateSecretCommand({ Name: 'master', SecretString: this.#options.master ?? JSON.stringify(masterSecret) }),
    );
    const { ARN = '' } = await this.person.send(
      new CreateSecretCommand({
        Name: 'app',
        ...(binary === undefined ? { SecretString: text } : { SecretBinary: binary }),
      }),
    );
    this.secretId = ARN;
    await this.begin();
  }

  #makeFunction(hook?: CallHook): RotationFunction {
    const { changedBy = 'user', onCall = hook } = this.#options;
    const client = new SecretsManagerClient(
      this.manager.clientOptions({ caller: 'function', ...(onCall === undefined ? {} : { onCall }) }),
    );
    const given = { masterSecretArn: 'master', consistencyWaitMs: 300, client, env: {} };
    const { strategy = () => singleUser(this.database.engine(), { changedBy }) } = this.#options;
    return new RotationFunction(strategy(this.database), {
      ...given,
      ...this.#options.function,
    });
  }
}
