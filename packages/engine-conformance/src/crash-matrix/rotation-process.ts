import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { RotationFunction } from '@keyturn/core';
import type { CallPoint, FaultAction, LocalSecretsManager } from '@keyturn/local-secrets-manager';
import type { WireAction, WirePoint } from '../wire-tap.ts';
import { CallCounter, type Crash, type CrashPoint, sameCrashPoint } from './points.ts';

/** Makes the function under test, as a new process would: with nothing remembered. */
export type MakeFunction = (client: SecretsManagerClient) => Pick<RotationFunction, 'handler'>;

/** What happens to whoever watches a process's points. */
export type PointListener = (point: CrashPoint) => Promise<void>;

/**
 * A Lambda sandbox that can die. Killed, it hears no answer any more and reaches nothing: code of its own,
 * a catch or a finally, can run, but it has no effect outside, as with SIGKILL.
 */
export class RotationProcess {
  readonly points: CrashPoint[] = [];
  /** Whether the crash that was asked for has happened. */
  crashed = false;
  dead = false;
  readonly #counter = new CallCounter();
  readonly #crash: Crash | undefined;
  readonly #onPoint: PointListener;
  readonly #onCrash: () => Promise<void>;
  readonly #function: Pick<RotationFunction, 'handler'>;
  readonly #killed = Promise.withResolvers<never>();
  #statements = new Map<number, { name: string; count: number }>();

  constructor(options: {
    readonly manager: LocalSecretsManager;
    readonly makeFunction: MakeFunction;
    readonly crash: Crash | undefined;
    readonly onPoint: PointListener;
    /** Called at the moment of the crash, before anybody learns of it. */
    readonly onCrash: () => Promise<void>;
  }) {
    this.#crash = options.crash;
    this.#onPoint = options.onPoint;
    this.#onCrash = options.onCrash;
    this.#killed.promise.catch(() => undefined);
    const requestHandler = options.manager.requestHandler({
      caller: 'rotation-function',
      onCall: (point) => this.#atCall(point),
    });
    this.#function = options.makeFunction(
      new SecretsManagerClient({
        requestHandler,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      }),
    );
  }

  /** Runs one step; rejects at once when the process is killed during it. */
  async invoke(event: unknown): Promise<void> {
    await Promise.race([
      this.#function.handler(event, { getRemainingTimeInMillis: () => 30_000 }),
      this.#killed.promise,
    ]);
  }

  /** The tap's question, for connections of this process. */
  async atWire(point: WirePoint): Promise<WireAction> {
    if (this.dead) return 'freeze';
    const hit = await this.#at({ name: this.#wireName(point), moment: point.moment });
    if (hit === undefined) return 'pass';
    return hit === 'killed' ? 'freeze' : 'drop';
  }

  async #atCall(point: CallPoint): Promise<FaultAction> {
    if (this.dead) return { action: 'freeze' };
    const hit = await this.#at({ name: `${point.operation} ${point.nth}`, moment: point.moment });
    if (hit === undefined) return { action: 'pass' };
    return { action: hit === 'killed' ? 'freeze' : 'drop' };
  }

  async #at(point: CrashPoint): Promise<Crash['kind'] | undefined> {
    this.points.push(point);
    await this.#onPoint(point);
    if (this.crashed || this.#crash === undefined || !sameCrashPoint(this.#crash.point, point)) return undefined;
    this.crashed = true;
    await this.#onCrash();
    if (this.#crash.kind === 'killed') {
      this.dead = true;
      this.#killed.reject(new Error('Runtime exited with error: signal: killed'));
    }
    return this.#crash.kind;
  }

  #wireName({ connection, kind, moment }: WirePoint): string {
    if (kind === 'connect') {
      const known = this.#statements.get(connection);
      if (known !== undefined) return known.name;
      const name = this.#counter.next('connection');
      this.#statements.set(connection, { name, count: 0 });
      return name;
    }
    const open = this.#statements.get(connection) ?? { name: `connection ${connection}`, count: 0 };
    if (moment === 'before') open.count += 1;
    this.#statements.set(connection, open);
    return `${open.name} statement ${open.count}`;
  }
}
