import { randomUUID } from 'node:crypto';
import { InvalidRequestException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { RotationHandler } from '@keyturn/core';
import { recordError } from '@keyturn/engine-conformance';
import { CallCounter, type Crash, type CrashPoint, sameCrashPoint } from '@keyturn/engine-conformance/suite';
import { LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { WorldSecret } from '../packages/engine-conformance/src/crash-matrix/world-secret.ts';

/** Makes the function under test, as a new process would: with nothing remembered. */
export type MakeFunction = (client: SecretsManagerClient) => { readonly handler: RotationHandler };

const functionName = 'custom-function';

/** What happens at a point of the running process. */
type AtPoint = 'pass' | 'drop' | 'freeze';

/** A secret of a service of one's own, and a function that rotates it in a process that can die. */
export class CustomWorld {
  readonly manager: LocalSecretsManager;
  readonly secret: WorldSecret;
  /** Why the last rotation failed; undefined if it succeeded. */
  failure: string | undefined;
  token = '';
  readonly #makeFunction: MakeFunction;
  #process: Process;

  private constructor(manager: LocalSecretsManager, secret: WorldSecret, makeFunction: MakeFunction) {
    this.manager = manager;
    this.secret = secret;
    this.#makeFunction = makeFunction;
    this.#process = this.#start();
    manager.registerFunction(functionName, (event) => this.#invoke(event));
  }

  static async make(makeFunction: MakeFunction, value: object, attempts = 1): Promise<CustomWorld> {
    const manager = new LocalSecretsManager({ rotation: { attempts, retryDelayMs: 0, reuseToken: true } });
    const person = new SecretsManagerClient(manager.clientOptions({ caller: 'person' }));
    return new CustomWorld(manager, await WorldSecret.create(person, 'app', value), makeFunction);
  }

  get crashed(): boolean {
    return this.#process.crashed;
  }

  /** Every point that the running process has passed. */
  get points(): readonly CrashPoint[] {
    return this.#process.points;
  }

  /** Begins with a new process; with a crash, it is one that meets it. */
  restart(crash?: Crash, atCrash: () => Promise<void> = async () => {}): void {
    this.#process = this.#start(crash, atCrash);
  }

  /** The service's question: what happens to a request of the process that runs. */
  readonly atRequest = (name: string, moment: 'before' | 'after'): Promise<AtPoint> =>
    this.#process.atRequest(name, moment);

  /** Takes one step; rejects with the step's error. */
  async step(Step: string, remainingMs = 30_000): Promise<void> {
    const event = { Step, SecretId: this.secret.id, ClientRequestToken: this.token };
    await this.#process.invoke(event, remainingMs);
  }

  async steps(...names: string[]): Promise<void> {
    for (const name of names) await this.step(name);
  }

  /** Makes a new AWSPENDING version without a value, as RotateSecret does, and takes no step. */
  async begin(): Promise<void> {
    this.token = randomUUID();
    this.manager.registerFunction(functionName, async () => {
      throw new Error('not this way');
    });
    await this.secret.rotate(this.token, functionName);
    await this.manager.rotationSettled(this.secret.id);
    this.manager.registerFunction(functionName, (event) => this.#invoke(event));
  }

  /** Rotates as the service does, reattempts what is not complete first where it says so, and waits for the end. */
  async rotate(): Promise<void> {
    this.token = randomUUID();
    try {
      await this.secret.rotate(this.token, functionName);
    } catch (error) {
      if (!(error instanceof InvalidRequestException) || !error.message.includes('will be reattempted')) throw error;
      this.manager.reattemptRotation(this.secret.id);
      await this.manager.rotationSettled(this.secret.id);
      await this.secret.rotate(this.token, functionName);
    }
    const { outcome } = await this.manager.rotationSettled(this.secret.id);
    this.failure = outcome === 'succeeded' ? undefined : outcome;
  }

  async close(): Promise<void> {
    this.#process.dead = true;
    await this.manager.close();
  }

  async #invoke(event: unknown): Promise<void> {
    if (this.#process.dead) this.restart();
    await this.#process.invoke(event, 30_000);
  }

  #start(crash?: Crash, atCrash: () => Promise<void> = async () => {}): Process {
    return new Process(this.manager, this.#makeFunction, crash, atCrash);
  }
}

/** A Lambda sandbox that can die. Killed, it hears no answer any more and reaches nothing. */
class Process {
  readonly points: CrashPoint[] = [];
  crashed = false;
  dead = false;
  readonly #crash: Crash | undefined;
  readonly #atCrash: () => Promise<void>;
  readonly #handler: RotationHandler;
  readonly #counter = new CallCounter();
  readonly #killed = Promise.withResolvers<never>();
  #request = '';

  constructor(
    manager: LocalSecretsManager,
    makeFunction: MakeFunction,
    crash: Crash | undefined,
    atCrash: () => Promise<void>,
  ) {
    this.#crash = crash;
    this.#atCrash = atCrash;
    this.#killed.promise.catch(() => undefined);
    const onCall = async ({
      operation,
      nth,
      moment,
    }: {
      operation: string;
      nth: number;
      moment: 'before' | 'after';
    }) => ({
      action: await this.#at({ name: `${operation} ${nth}`, moment }),
    });
    this.#handler = makeFunction(
      new SecretsManagerClient(manager.clientOptions({ caller: functionName, onCall })),
    ).handler;
  }

  /** Runs one step; rejects at once when the process is killed during it. */
  async invoke(event: unknown, remainingMs: number): Promise<void> {
    try {
      const step = this.#handler(event, { getRemainingTimeInMillis: () => remainingMs });
      await Promise.race([step, this.#killed.promise]);
    } catch (error) {
      recordError(error);
      throw error;
    }
  }

  /** The service answers one request of a process at a time. */
  atRequest(name: string, moment: 'before' | 'after'): Promise<AtPoint> {
    if (moment === 'before') this.#request = this.#counter.next(name);
    return this.#at({ name: this.#request, moment });
  }

  async #at(point: CrashPoint): Promise<AtPoint> {
    if (this.dead) return 'freeze';
    this.points.push(point);
    if (this.crashed || this.#crash === undefined || !sameCrashPoint(this.#crash.point, point)) return 'pass';
    this.crashed = true;
    await this.#atCrash();
    if (this.#crash.kind === 'dropped') return 'drop';
    this.dead = true;
    this.#killed.reject(new Error('Runtime exited with error: signal: killed'));
    return 'freeze';
  }
}
