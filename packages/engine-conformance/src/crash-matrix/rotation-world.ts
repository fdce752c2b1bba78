import { randomBytes, randomUUID } from 'node:crypto';
import { InvalidRequestException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { LocalSecretsManager } from '@keyturn/local-secrets-manager';
import type { DatabaseService, RunningService, ServerCertificate } from '../service.ts';
import { startWireTap } from '../start-wire-tap.ts';
import { recordError, recordSecret } from '../taint/taint-record.ts';
import type { WireProtocol } from '../wire-protocol.ts';
import type { WireTap } from '../wire-tap.ts';
import type { Crash, CrashPoint } from './points.ts';
import { type MakeFunction, RotationProcess } from './rotation-process.ts';
import { WorldSecret } from './world-secret.ts';

const functionName = 'rotation-function';

/** What a strategy promises at every moment; of alternating users, also what holds in the end. */
export type WorldPromise =
  | 'some version works'
  | 'AWSCURRENT works'
  | 'AWSCURRENT works, and both users may do the same';

/** What a world is made of. */
export interface WorldOptions {
  readonly service: RunningService;
  readonly protocol: WireProtocol;
  /** @default - the tap that reads the protocol */
  readonly startTap?: DatabaseService['startTap'] | undefined;
  /** `false`: the secrets say `"ssl": false`. @default true */
  readonly speaksTls?: boolean | undefined;
  /** What the tap shows; the function under test trusts its authority. */
  readonly certificate: ServerCertificate;
  readonly makeFunction: MakeFunction;
  /** @default 'some version works' */
  readonly promise?: WorldPromise;
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
  readonly user: string = `c${randomBytes(4).toString('hex')}`;
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
  #secret: WorldSecret | undefined;
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
    const { service, protocol, certificate, attempts, startTap = startWireTap } = options;
    let world: RotationWorld | undefined;
    const tap = await startTap({
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

  get secret(): WorldSecret {
    if (this.#secret === undefined) throw new Error('the world is not made');
    return this.#secret;
  }

  async close(): Promise<void> {
    for (const { password } of await this.secret.retrievable()) recordSecret(password);
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
      this.#manager.reattemptRotation(this.secret.id);
      await this.#manager.rotationSettled(this.secret.id);
      await this.#rotateSecret();
    }
    const { outcome } = await this.#manager.rotationSettled(this.secret.id);
    this.failure = outcome === 'succeeded' ? undefined : `${outcome}: ${this.#lastError}`;
  }

  #rotateSecret(): Promise<void> {
    this.#token = randomUUID();
    return this.secret.rotate(this.#token, functionName);
  }

  /** What the strategy promises of every moment, where it does not hold now. */
  async brokenPromise(): Promise<string | undefined> {
    const { service, promise = 'some version works' } = this.#options;
    if (promise !== 'some version works') {
      const { username, password } = await this.secret.current();
      return (await service.hasPassword(username, password)) ? undefined : 'there was a moment without AWSCURRENT';
    }
    for (const { username, password } of await this.secret.retrievable()) {
      if (await service.hasPassword(username, password)) return undefined;
    }
    return 'no version that can be read has the password of the database';
  }

  /** A whole rotation; then the user in use gets other rights, which the next one must hand on. */
  async rotateAndChangeRights(): Promise<void> {
    await this.rotate();
    await this.#furnish((await this.secret.current()).username);
  }

  /** Gives a user rights where they are handed on: elsewhere they only add accounts that a user cannot change itself. */
  async #furnish(username: string): Promise<void> {
    if (this.#handsRightsOn) await this.#options.service.furnish?.(username);
  }

  get #handsRightsOn(): boolean {
    return this.#options.promise === 'AWSCURRENT works, and both users may do the same';
  }

  /** What is wrong with the end that the rotation has come to; empty when all is well. */
  async faults(expected: { readonly note?: string }): Promise<string[]> {
    const { service } = this.#options;
    const labels = await this.secret.labels();
    const secret = await this.secret.current();
    const currentId = Object.keys(labels).find((id) => labels[id]?.includes('AWSCURRENT'));
    const pendingElsewhere = Object.entries(labels).some(([id, on]) => id !== currentId && on.includes('AWSPENDING'));
    return [
      this.failure === undefined ? undefined : `the last rotation failed: ${this.failure}`,
      currentId === this.#token ? undefined : 'AWSCURRENT is not the version of the last rotation',
      pendingElsewhere ? 'AWSPENDING is left on another version' : undefined,
      (await service.logsIn(secret.username, secret.password)) ? undefined : 'AWSCURRENT does not log in',
      await this.#differentRights(secret.username),
      this.mostRefusedLogins > 3 ? `${this.mostRefusedLogins} logins were refused in one invocation` : undefined,
      secret.note === expected.note ? undefined : 'the change of another key is lost',
      secret.kept === 'as it is' ? undefined : 'an unknown key is lost',
    ].filter((fault) => fault !== undefined);
  }

  /** Read by other means than the engine's own comparison. */
  async #differentRights(inUse: string): Promise<string | undefined> {
    const { service } = this.#options;
    if (!this.#handsRightsOn) return undefined;
    if (service.rightsOf === undefined) throw new Error(`the service of ${service.engineName} cannot tell rights`);
    const other = inUse === this.user ? `${this.user}_clone` : this.user;
    const [a, b] = [await service.rightsOf(inUse), await service.rightsOf(other)];
    if (a.length === 0) return `${inUse} has no rights: nothing is shown`;
    const only = (these: readonly string[], those: readonly string[]) =>
      these.filter((right) => !those.includes(right));
    const found = [
      ...only(a, b).map((right) => `${inUse}: ${right}`),
      ...only(b, a).map((right) => `${other}: ${right}`),
    ];
    return found.length === 0 ? undefined : `rights differ: ${found.join('; ')}`;
  }

  async #createSecrets(): Promise<void> {
    const { service, speaksTls } = this.#options;
    const password = randomBytes(12).toString('hex');
    recordSecret(password);
    await service.createUser(this.user, password);
    await this.#furnish(this.user);
    // An address, not a name: lookups take turns of their own, and connections would not come in the order in which they are opened.
    const at = {
      engine: service.engineName,
      host: '127.0.0.1',
      port: this.#tap.port,
      dbname: service.database,
      ...(speaksTls === false ? { ssl: false } : {}),
    };
    const master = await WorldSecret.create(this.#client, 'master', { ...at, ...service.administrator });
    this.#secret = await WorldSecret.create(this.#client, 'app', {
      ...at,
      username: this.user,
      password,
      masterarn: master.id,
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

  #refusedLogins(): number {
    return this.#tap.logins.filter(({ outcome }) => outcome === 'refused').length;
  }
}

/** Only a statement, or a call that writes, leaves the world other than it was. */
function mayHaveChanged({ name, moment }: CrashPoint): boolean {
  return moment === 'after' && /statement|^Put|^Update/.test(name);
}
