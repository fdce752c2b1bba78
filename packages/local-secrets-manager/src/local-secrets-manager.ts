import { type Clock, realClock } from './clock.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { type HttpDoor, listen } from './doors/http-door.ts';
import { type InProcessDoor, type InProcessDoorOptions, inProcessDoor } from './doors/in-process-door.ts';
import type { CallHook, Fault } from './faults/fault-action.ts';
import { FaultPlan } from './faults/fault-plan.ts';
import { FunctionRegistry } from './functions/function-registry.ts';
import { inProcess } from './functions/in-process-function.ts';
import type { RotationHandler, RotationTarget } from './functions/rotation-target.ts';
import { RotationService } from './rotation/rotation-service.ts';
import { defaultRotationSettings, type RotationResult, type RotationSettings } from './rotation/rotation-settings.ts';
import { type LabelRules, labelRules } from './state/labels.ts';
import { arnPrefix } from './state/secret-id.ts';
import { SecretStore } from './state/secret-store.ts';
import { Timeline } from './timeline/timeline.ts';

/** Settings of a {@link LocalSecretsManager}. */
export interface LocalSecretsManagerOptions {
  /** @default - us-east-1 */
  readonly region?: string;
  /** Twelve digits. @default - 123456789012 */
  readonly accountId?: string;
  /** @default - the machine's own time */
  readonly clock?: Clock;
  /** @default - three attempts, no wait, the same version */
  readonly rotation?: Partial<RotationSettings>;
  /** Asked about each call, after the hook of its door. */
  readonly onCall?: CallHook;
  readonly faults?: readonly Fault[];
  /** How staging labels move. @default - the service's rules; a control test breaks one here */
  readonly labelRules?: LabelRules;
}

/** Everything a client of the SDK needs to talk to the service without a socket. */
export interface ClientOptions {
  readonly region: string;
  readonly requestHandler: InProcessDoor;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** AWS Secrets Manager in this process: the API through two doors, rotations, faults and a timeline. */
export class LocalSecretsManager {
  readonly region: string;
  readonly timeline: Timeline;
  /** The settings of rotations; may be replaced at any time. */
  rotation: RotationSettings;
  readonly #functions: FunctionRegistry;
  readonly #rotations: RotationService;
  readonly #faults = new FaultPlan();
  readonly #dispatcher: Dispatcher;
  readonly #closed = new AbortController();
  readonly #doors = new Set<HttpDoor>();

  constructor(options: LocalSecretsManagerOptions = {}) {
    const { region = 'us-east-1', accountId = '123456789012', clock = realClock, onCall, faults = [] } = options;
    this.region = region;
    this.rotation = { ...defaultRotationSettings, ...options.rotation };
    const now = (): number => clock.now();
    const timeline = new Timeline(now);
    const prefix = arnPrefix(region, accountId);
    const store = new SecretStore(prefix, now, ({ arn, labels, before }) => {
      timeline.record({ kind: 'labels', secretId: arn, labels, before });
    });
    const functions = new FunctionRegistry(region, accountId, () => [...this.#doors][0]?.url);
    const rotations = new RotationService({ store, functions, timeline, clock, settings: () => this.rotation });
    const labels = options.labelRules ?? labelRules;
    const context = { store, labels, rotations, functions, clock, arnPrefix: prefix };
    this.timeline = timeline;
    this.#functions = functions;
    this.#rotations = rotations;
    this.#dispatcher = new Dispatcher(context, this.#faults, timeline);
    this.setOnCall(onCall);
    this.setFaults(faults);
  }

  /** The SDK's request handler, without a socket. Each one may have a name and a hook of its own. */
  requestHandler(options: InProcessDoorOptions = {}): InProcessDoor {
    return inProcessDoor(this.#dispatcher, options, this.#closed.signal);
  }

  /** Ready options for `new SecretsManagerClient(…)`, in-process. */
  clientOptions(options: InProcessDoorOptions = {}): ClientOptions {
    const credentials = { accessKeyId: 'LOCAL', secretAccessKey: 'local' };
    return { region: this.region, requestHandler: this.requestHandler(options), credentials };
  }

  /**
   * Serves the API on 127.0.0.1.
   * @param options.port @default - a free one
   */
  async listen({ port = 0 }: { readonly port?: number } = {}): Promise<HttpDoor> {
    const bound = await listen(this.#dispatcher, (accessKeyId) => this.#functions.nameBehind(accessKeyId), port);
    const door: HttpDoor = {
      ...bound,
      close: async () => {
        this.#doors.delete(door);
        await bound.close();
      },
    };
    this.#doors.add(door);
    return door;
  }

  /**
   * Makes a function invokable for RotateSecret, in place of one of the same name.
   * @param target a handler for this process, or `bundleProcess(…)`
   * @returns its full ARN
   */
  registerFunction(nameOrArn: string, target: RotationHandler | RotationTarget): string {
    return this.#functions.register(nameOrArn, typeof target === 'function' ? inProcess(target) : target);
  }

  /** From now on RotateSecret cannot invoke the function. Its target is not closed. */
  unregisterFunction(nameOrArn: string): void {
    this.#functions.unregister(nameOrArn);
  }

  /** How the last rotation of a secret ended, once it has. @throws Error where none was started */
  rotationSettled(secretId: string): Promise<RotationResult> {
    return this.#rotations.settled(secretId);
  }

  /**
   * Tries a failed rotation again with its own version, as the service does by itself after a time; see
   * {@link LocalSecretsManager.rotationSettled} for its end.
   * @throws Error where no incomplete rotation is at rest
   */
  reattemptRotation(secretId: string): void {
    this.#rotations.reattempt(secretId);
  }

  /** Replaces the hook, or takes it away. The calls it hears of are counted from here. */
  setOnCall(hook: CallHook | undefined): void {
    this.#faults.setHook(hook);
  }

  /** Replaces the declared faults. Their calls are counted from here. */
  setFaults(faults: readonly Fault[]): void {
    this.#faults.setFaults(faults);
  }

  /** Ends everything: rotations, functions with their processes, frozen requests, doors. */
  async close(): Promise<void> {
    this.#rotations.close();
    this.#closed.abort(new Error('The local Secrets Manager is closed.'));
    await this.#functions.close();
    await Promise.all([...this.#doors].map((door) => door.close()));
  }
}
