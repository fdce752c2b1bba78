import { randomBytes, randomUUID } from 'node:crypto';
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { LocalSecretsManager } from '@keyturn/local-secrets-manager';
import type { RunningService, ServerCertificate } from '../service.ts';
import { startWireTap } from '../start-wire-tap.ts';
import { recordError, recordSecret } from '../taint/taint-record.ts';
import type { WireProtocol } from '../wire-protocol.ts';
import type { WireTap } from '../wire-tap.ts';
import type { Crash, CrashPoint } from './points.ts';
import { type MakeFunction, RotationProcess } from './rotation-process.ts';

const functionName = 'rotation-function';

/** What a world is made of. */
export interface WorldOptions {
  readonly service: RunningService;
  readonly protocol: WireProtocol;
  /** What the tap shows; the function under test trusts its authority. */
  readonly certificate: ServerCertificate;
  readonly makeFunction: MakeFunction;
  /** Invocations of the whole rotation that Secrets Manager makes by itself, with the same token. */
  readonly attempts: number;
  /** At every moment at which something may have changed. */
  readonly onChange?: (world: RotationWorld) => Promise<void>;
}

/**
 * One secret, its user on a real server, a local Secrets Manager, and a function that rotates it in a
 * process that can die. Everything between the function and the outside passes a point.
 */
export class RotationWorld {
  readonly user: string = `crash_${randomBytes(6).toString('hex')}`;
  /** The largest number of refused logins in one invocation. */
  mostRefusedLogins = 0;
  /** Whether the crash that was asked for has happened. */
  crashed = false;
  /** Why the last rotation failed; undefined if it succeeded. */
  failure: string | undefined;
  readonly #options: WorldOptions;
  readonly #manager: LocalSecretsManager;
  readonly #client: SecretsManagerClient;
  readonly #tap: WireTap;
  #secretId = '';
  #process: RotationProcess | undefined;
  #token = '';
  #lastError = '';

  private constructor(options: WorldOptions, tap: WireTap, manager: LocalSecretsManager) {
    this.#options = options;
    this.#tap = tap;
    this.#manager = manager;
    this.#client = new SecretsManagerClient({
      requestHandler: manager.requestHandler({ caller: 'person' }),
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  static async make(options: WorldOptions): Promise<RotationWorld> {
    const { service, protocol, certificate, attempts } = options;
    let world: RotationWorld | undefined;
    const tap = await startWireTap({
      protocol,
      upstream: { host: service.host, port: service.port, ca: service.ca },
      certificate,
      onPoint: async (point) => (await world?.currentProcess().atWire(point)) ?? 'pass',
    });
    const manager = new LocalSecretsManager({ rotation: { attempts, retryDelayMs: 0, reuseToken: true } });
    world = new RotationWorld(options, tap, manager);
    await world.#createSecrets();
    return world;
  }

  async close(): Promise<void> {
    for (const { password } of await this.#retrievable()) recordSecret(password);
    await this.#tap.close();
    await this.#manager.close();
  }

  /** Every point that the running process has passed since it started. */
  get points(): readonly CrashPoint[] {
    return this.currentProcess().points;
  }

  /** Begins with a new process; with a crash, it is one that meets it. */
  restart(crash?: Crash, atCrash?: () => Promise<void>): void {
    this.crashed = false;
    this.#process = this.#newProcess(crash, atCrash);
  }

  /** The process that runs; where it has died, a new one that lives. */
  currentProcess(): RotationProcess {
    if (this.#process === undefined || this.#process.dead) this.#process = this.#newProcess();
    return this.#process;
  }

  #newProcess(crash?: Crash, atCrash?: () => Promise<void>): RotationProcess {
    return new RotationProcess({
      manager: this.#manager,
      makeFunction: this.#options.makeFunction,
      crash,
      onPoint: async (point) => {
        if (mayHaveChanged(point)) await this.#options.onChange?.(this);
      },
      onCrash: async () => {
        this.crashed = true;
        await this.#options.onChange?.(this);
        await atCrash?.();
      },
    });
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
      this.#manager.reattemptRotation(this.#secretId);
      await this.#manager.rotationSettled(this.#secretId);
      await this.#rotateSecret();
    }
    const { outcome } = await this.#manager.rotationSettled(this.#secretId);
    this.failure = outcome === 'succeeded' ? undefined : `${outcome}: ${this.#lastError}`;
  }

  async #rotateSecret(): Promise<void> {
    this.#token = randomUUID();
    await this.#client.send(
      new RotateSecretCommand({
        SecretId: this.#secretId,
        ClientRequestToken: this.#token,
        RotationLambdaARN: `arn:aws:lambda:us-east-1:123456789012:function:${functionName}`,
        RotationRules: { AutomaticallyAfterDays: 30 },
      }),
    );
  }

  async cancelRotation(): Promise<void> {
    await this.#client.send(new CancelRotateSecretCommand({ SecretId: this.#secretId }));
  }

  async takePendingOff(): Promise<void> {
    const versions = await this.#labels();
    const pending = Object.keys(versions).find((id) => versions[id]?.includes('AWSPENDING'));
    if (pending === undefined) return;
    await this.#client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.#secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: pending,
      }),
    );
  }

  /** What a person does who reads the secret, changes a key that is not the password, and stores it. */
  async changeAnotherKey(): Promise<void> {
    const secret = await this.#current();
    await this.#client.send(
      new PutSecretValueCommand({
        SecretId: this.#secretId,
        SecretString: JSON.stringify({ ...secret, note: 'changed' }),
      }),
    );
  }

  /** Whether the database has the password of a version that can still be read. */
  async someVersionWorks(): Promise<boolean> {
    for (const { password } of await this.#retrievable()) {
      if (await this.#options.service.hasPassword(this.user, password)) return true;
    }
    return false;
  }

  /** What is wrong with the end that the rotation has come to; empty when all is well. */
  async faults(expected: { readonly note?: string }): Promise<string[]> {
    const { service } = this.#options;
    const labels = await this.#labels();
    const secret = await this.#current();
    const currentId = Object.keys(labels).find((id) => labels[id]?.includes('AWSCURRENT'));
    const pendingElsewhere = Object.entries(labels).some(([id, on]) => id !== currentId && on.includes('AWSPENDING'));
    return [
      this.failure === undefined ? undefined : `the last rotation failed: ${this.failure}`,
      currentId === this.#token ? undefined : 'AWSCURRENT is not the version of the last rotation',
      pendingElsewhere ? 'AWSPENDING is left on another version' : undefined,
      (await service.logsIn(this.user, secret.password)) ? undefined : 'AWSCURRENT does not log in',
      this.mostRefusedLogins > 3 ? `${this.mostRefusedLogins} logins were refused in one invocation` : undefined,
      secret.note === expected.note ? undefined : 'the change of another key is lost',
      secret.kept === 'as it is' ? undefined : 'an unknown key is lost',
    ].filter((fault) => fault !== undefined);
  }

  async #createSecrets(): Promise<void> {
    const { service } = this.#options;
    const password = randomBytes(12).toString('hex');
    recordSecret(password);
    await service.createUser(this.user, password);
    const at = { engine: service.engineName, host: 'localhost', port: this.#tap.port, dbname: service.database };
    const master = await this.#create('master', { ...at, ...service.administrator });
    this.#secretId = await this.#create('app', {
      ...at,
      username: this.user,
      password,
      masterarn: master,
      kept: 'as it is',
    });
    this.#manager.registerFunction(functionName, async (event: unknown) => {
      const refusedBefore = this.#refusedLogins();
      try {
        await this.currentProcess().invoke(event);
      } catch (error) {
        recordError(error);
        this.#lastError = String(error);
        throw error;
      } finally {
        this.mostRefusedLogins = Math.max(this.mostRefusedLogins, this.#refusedLogins() - refusedBefore);
      }
    });
  }

  async #create(name: string, secret: object): Promise<string> {
    const { ARN = '' } = await this.#client.send(
      new CreateSecretCommand({ Name: name, SecretString: JSON.stringify(secret) }),
    );
    return ARN;
  }

  async #current(): Promise<{ password: string; note?: string; kept?: string }> {
    const { SecretString = '' } = await this.#client.send(new GetSecretValueCommand({ SecretId: this.#secretId }));
    return JSON.parse(SecretString);
  }

  /** Every value that can still be read, of versions without a label too. */
  async #retrievable(): Promise<{ password: string }[]> {
    const { Versions = [] } = await this.#client.send(
      new ListSecretVersionIdsCommand({ SecretId: this.#secretId, IncludeDeprecated: true }),
    );
    const values: { password: string }[] = [];
    for (const { VersionId } of Versions) {
      const { SecretString } = await this.#client
        .send(new GetSecretValueCommand({ SecretId: this.#secretId, VersionId }))
        .catch((error: unknown) => {
          if (error instanceof ResourceNotFoundException) return { SecretString: undefined };
          throw error;
        });
      if (SecretString !== undefined) values.push(JSON.parse(SecretString));
    }
    return values;
  }

  async #labels(): Promise<Record<string, string[]>> {
    const { VersionIdsToStages = {} } = await this.#client.send(
      new DescribeSecretCommand({ SecretId: this.#secretId }),
    );
    return VersionIdsToStages;
  }

  #refusedLogins(): number {
    return this.#tap.logins.filter(({ outcome }) => outcome === 'refused').length;
  }
}

/** Only a statement, or a call that writes, leaves the world other than it was. */
function mayHaveChanged({ name, moment }: CrashPoint): boolean {
  return moment === 'after' && /statement|^Put|^Update/.test(name);
}
