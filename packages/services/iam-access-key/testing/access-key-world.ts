import { randomUUID } from 'node:crypto';
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  InvalidRequestException,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { recordError, recordSecret } from '@keyturn/engine-conformance';
import type { Crash, CrashPoint } from '@keyturn/engine-conformance/suite';
import { type InProcessDoor, LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { AccessKeyProcess, type MakeFunction, type RoleCredentials } from './access-key-process.ts';
import { Account, type Principal, type StoredKey, type StoredUser } from './account.ts';
import type { QueryHook } from './aws-double.ts';

const functionName = 'rotation-function';

/** What a world is made of. */
export interface WorldOptions {
  readonly makeFunction: MakeFunction;
  /** Invocations of the whole rotation that Secrets Manager makes by itself, with the same token. @default 1 */
  readonly attempts?: number;
  /** What the function's role may do. @default - everything */
  readonly allows?: Principal['allows'];
  /** What IAM and STS do with the calls of its processes. @default - they answer */
  readonly onServiceCall?: QueryHook;
  /** The secret's text, for the user's key. @default - both keys, UserName and one more */
  readonly secretText?: (key: StoredKey, user: StoredUser) => string;
}

/** One secret with the access key of one user, and a function that rotates it in a process that can die. */
export class AccessKeyWorld {
  readonly account: Account = new Account();
  readonly user: StoredUser = this.account.addUser('app', '/services/');
  readonly manager: LocalSecretsManager;
  /** As a person with every right. */
  readonly person: SecretsManagerClient;
  /** What was wrong at some moment; empty when all was well throughout. */
  readonly lost: Set<string> = new Set();
  /** Why the last rotation failed; undefined if it succeeded. */
  failure: string | undefined;
  secretId = '';
  token = '';
  #crashed = false;
  #lastError = '';
  #process: AccessKeyProcess | undefined;
  readonly #processes: AccessKeyProcess[] = [];
  readonly #options: WorldOptions;
  readonly #role: RoleCredentials;
  readonly #door: InProcessDoor;

  private constructor(options: WorldOptions) {
    this.#options = options;
    this.manager = new LocalSecretsManager({
      rotation: { attempts: options.attempts ?? 1, retryDelayMs: 0, reuseToken: true },
    });
    this.#door = this.manager.requestHandler({ caller: 'person' });
    this.person = new SecretsManagerClient(this.manager.clientOptions({ caller: 'person' }));
    this.#role = this.account.addRole('rotation-function', options.allows ?? (() => true));
  }

  static async make(options: WorldOptions): Promise<AccessKeyWorld> {
    const world = new AccessKeyWorld(options);
    const key = world.account.addKey(world.user);
    const text =
      options.secretText?.(key, world.user) ??
      JSON.stringify({ UserName: world.user.name, AccessKeyId: key.id, SecretAccessKey: key.secret, kept: 'as it is' });
    const { ARN = '' } = await world.person.send(new CreateSecretCommand({ Name: 'app', SecretString: text }));
    world.secretId = ARN;
    world.manager.registerFunction(functionName, (event: unknown) => world.#invoke(event));
    return world;
  }

  async close(): Promise<void> {
    for (const user of this.account.users.values()) for (const { secret } of user.keys) recordSecret(secret);
    recordSecret(this.#role.secretAccessKey);
    for (const process of this.#processes) await process.door.close();
    await this.manager.close();
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  /** Every point that the running process has passed since it started. */
  get points(): readonly CrashPoint[] {
    return this.#process?.points ?? [];
  }

  /** The IAM and STS actions that the running process has called, with the code where one was refused. */
  get serviceCalls(): readonly string[] {
    return this.#process?.door.calls ?? [];
  }

  /** Begins with a new process; with a crash, it is one that meets it. */
  async restart(crash?: Crash, atCrash?: () => Promise<void>): Promise<AccessKeyProcess> {
    this.#crashed = false;
    this.#process = await this.newProcess({
      crash,
      onCrash: async () => {
        this.#crashed = true;
        await this.look();
        await atCrash?.();
      },
    });
    return this.#process;
  }

  /** One more process of the function, beside the one that Secrets Manager invokes. */
  async newProcess(
    more: Partial<Pick<Parameters<typeof AccessKeyProcess.start>[0], 'crash' | 'onCrash' | 'onPoint'>> = {},
  ): Promise<AccessKeyProcess> {
    const process = await AccessKeyProcess.start({
      account: this.account,
      role: this.#role,
      manager: this.manager,
      makeFunction: this.#options.makeFunction,
      onServiceCall: this.#options.onServiceCall,
      ...more,
      onPoint: async (point) => {
        if (mayHaveChanged(point)) await this.look();
        await more.onPoint?.(point);
      },
    });
    this.#processes.push(process);
    return process;
  }

  /** Takes one step in the running process; rejects with the step's error. */
  async step(Step: string, remainingMs?: number): Promise<void> {
    const process = this.#process === undefined || this.#process.dead ? await this.restart() : this.#process;
    const event = { Step, SecretId: this.secretId, ClientRequestToken: this.token, RotationToken: 'r'.repeat(40) };
    try {
      await process.invoke(event, remainingMs);
    } catch (error) {
      recordError(error);
      throw error;
    }
  }

  async steps(...names: string[]): Promise<void> {
    for (const name of names) await this.step(name);
  }

  /** Makes a new AWSPENDING version without a value, as RotateSecret does, and takes no step. */
  async begin(): Promise<void> {
    this.manager.registerFunction(functionName, async () => {
      throw new Error('not this way');
    });
    await this.#rotateSecret();
    await this.manager.rotationSettled(this.secretId);
    this.manager.registerFunction(functionName, (event: unknown) => this.#invoke(event));
  }

  /**
   * Rotates as the service does, and waits for the end. Where AWSPENDING is left on another version the
   * service refuses, saying that it reattempts that rotation: so it does here, and then this one is asked for again.
   */
  async rotate(): Promise<void> {
    try {
      await this.#rotateSecret();
    } catch (error) {
      if (!(error instanceof InvalidRequestException) || !error.message.includes('will be reattempted')) throw error;
      this.manager.reattemptRotation(this.secretId);
      await this.manager.rotationSettled(this.secretId);
      await this.#rotateSecret();
    }
    const { outcome } = await this.manager.rotationSettled(this.secretId);
    this.failure = outcome === 'succeeded' ? undefined : `${outcome}: ${this.#lastError}`;
  }

  async cancelRotation(): Promise<void> {
    await this.person.send(new CancelRotateSecretCommand({ SecretId: this.secretId }));
  }

  async takePendingOff(): Promise<void> {
    const labels = await this.labels();
    const pending = Object.keys(labels).find((id) => labels[id]?.includes('AWSPENDING'));
    if (pending === undefined) return;
    await this.person.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: pending,
      }),
    );
  }

  /** What a person does who reads the secret, changes a key that is not the credential, and stores it. */
  async changeAnotherKey(): Promise<void> {
    await this.put({ ...(await this.current()), note: 'changed' });
  }

  async put(secret: object): Promise<void> {
    await this.person.send(
      new PutSecretValueCommand({ SecretId: this.secretId, SecretString: JSON.stringify(secret) }),
    );
  }

  async current(): Promise<Record<string, string>> {
    const { SecretString = '{}' } = await this.#read<{ SecretString?: string }>('GetSecretValue');
    return JSON.parse(SecretString);
  }

  async labels(): Promise<Record<string, string[]>> {
    const { VersionIdsToStages = {} } = await this.#read<{ VersionIdsToStages?: Record<string, string[]> }>(
      'DescribeSecret',
    );
    return VersionIdsToStages;
  }

  /** The value of every version that has one, by its id. */
  async values(): Promise<Map<string, string>> {
    const { Versions = [] } = await this.#read<{ Versions?: { VersionId: string }[] }>('ListSecretVersionIds', {
      IncludeDeprecated: true,
    });
    const values = new Map<string, string>();
    for (const { VersionId } of Versions) {
      const { SecretString } = await this.#read<{ SecretString?: string }>('GetSecretValue', { VersionId });
      if (SecretString !== undefined) values.set(VersionId, SecretString);
    }
    return values;
  }

  /** Notes what must never be, if it is so now. */
  async look(): Promise<void> {
    const { AccessKeyId, SecretAccessKey } = await this.current();
    const live = this.account.live(this.user);
    const key = live.find(({ id }) => id === AccessKeyId);
    if (key === undefined || key.secret !== SecretAccessKey) this.lost.add('AWSCURRENT does not work');
    else if (!key.active) this.lost.add('AWSCURRENT is inactive');
    if (live.length > 2) this.lost.add(`the user has ${live.length} access keys`);
  }

  /** What is wrong with the end that the rotation has come to; empty when all is well. */
  async faults(expected: { readonly note?: string } = {}): Promise<string[]> {
    await this.look();
    const labels = await this.labels();
    const current = await this.current();
    const currentId = Object.keys(labels).find((id) => labels[id]?.includes('AWSCURRENT'));
    const pendingElsewhere = Object.entries(labels).some(([id, on]) => id !== currentId && on.includes('AWSPENDING'));
    const held = [...(await this.values()).values()];
    const orphans = this.account.live(this.user).filter(({ id }) => !held.some((text) => text.includes(id)));
    return [
      ...this.lost,
      this.failure === undefined ? undefined : `the last rotation failed: ${this.failure}`,
      currentId === this.token ? undefined : 'AWSCURRENT is not the version of the last rotation',
      pendingElsewhere ? 'AWSPENDING is left on another version' : undefined,
      orphans.length === 0 ? undefined : 'an access key is in no version of the secret',
      current.note === expected.note ? undefined : 'the change of another key is lost',
      current.kept === 'as it is' ? undefined : 'an unknown key is lost',
    ].filter((fault) => fault !== undefined);
  }

  /** Reads without the SDK, whose cost would be most of that of a look at every write. */
  async #read<T>(operation: string, input: object = {}): Promise<T> {
    const { response } = await this.#door.handle({
      headers: { 'x-amz-target': `secretsmanager.${operation}` },
      body: JSON.stringify({ SecretId: this.secretId, ...input }),
    });
    const answer: { __type?: string } = JSON.parse(new TextDecoder().decode(response.body));
    if (response.statusCode === 200 || answer.__type === 'ResourceNotFoundException') return answer as T;
    throw new Error(`${operation} failed: ${answer.__type}`);
  }

  async #invoke(event: unknown): Promise<void> {
    const process = this.#process === undefined || this.#process.dead ? await this.#revived() : this.#process;
    try {
      await process.invoke(event);
    } catch (error) {
      recordError(error);
      this.#lastError = String(error);
      throw error;
    }
  }

  async #revived(): Promise<AccessKeyProcess> {
    this.#process = await this.newProcess();
    return this.#process;
  }

  async #rotateSecret(): Promise<void> {
    this.token = randomUUID();
    await this.person.send(
      new RotateSecretCommand({
        SecretId: this.secretId,
        ClientRequestToken: this.token,
        RotationLambdaARN: `arn:aws:lambda:us-east-1:123456789012:function:${functionName}`,
        RotationRules: { AutomaticallyAfterDays: 30 },
      }),
    );
  }
}

/** Only a call that writes leaves the world other than it was. */
function mayHaveChanged({ name, moment }: CrashPoint): boolean {
  return moment === 'after' && /^(Put|Update|Delete|Create)/.test(name);
}
