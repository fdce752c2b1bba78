import { type Clock, realClock } from './clock.ts';
import { Dispatcher, type DispatcherParts } from './dispatch/dispatcher.ts';
import { type HttpDoor, type ListenOptions, listen } from './doors/http-door.ts';
import { type InProcessDoor, type InProcessDoorOptions, inProcessDoor } from './doors/in-process-door.ts';
import type { CallHook, Fault } from './faults/fault-action.ts';
import { FaultPlan } from './faults/fault-plan.ts';
import { FunctionLog } from './functions/function-log.ts';
import { FunctionRegistry, type RegisterOptions } from './functions/function-registry.ts';
import { inProcess } from './functions/in-process-function.ts';
import type { LogLine } from './functions/log-lines.ts';
import type { RotationHandler, RotationTarget } from './functions/rotation-target.ts';
import { createManagedSecret, type ManagedSecret, type ManagedSecretOptions } from './managed/managed-secret.ts';
import { operations } from './operations/table.ts';
import { PageDoor } from './page/page-door.ts';
import { Journal } from './persistence/journal.ts';
import type { Quota } from './quotas/quotas.ts';
import { Throttle } from './quotas/throttle.ts';
import { Activity } from './rotation/activity.ts';
import { AutomaticRotations } from './rotation/automatic-rotations.ts';
import { rotationEvents } from './rotation/rotation-events.ts';
import { RotationService } from './rotation/rotation-service.ts';
import { defaultRotationSettings, type RotationResult, type RotationSettings } from './rotation/rotation-settings.ts';
import { type LabelRules, labelRules } from './state/labels.ts';
import { arnPrefix } from './state/secret-id.ts';
import { SecretStore } from './state/secret-store.ts';
import type { RotationEntry } from './timeline/entries.ts';
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
  /** Rates above which calls are throttled, such as `publishedQuotas`. @default - none */
  readonly quotas?: readonly Quota[];
  /** How many entries the timeline keeps at least. @default - 100,000 */
  readonly timelineLimit?: number;
  /** How staging labels move. @default - the service's rules; a control test breaks one here */
  readonly labelRules?: LabelRules;
}

/** Settings of a {@link LocalSecretsManager} whose state is kept on disk. */
export interface OpenOptions extends LocalSecretsManagerOptions {
  /** Made where it is missing. Only its owner can read it, and one process at a time uses it. */
  readonly dataFolder: string;
  /** When a call is answered. @default - after its change is on disk; a control test answers before, and loses some */
  readonly acknowledge?: 'after-writing' | 'before-writing';
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
  readonly #automatic: AutomaticRotations;
  readonly #endTurning: (() => void) | undefined;
  readonly #faults = new FaultPlan();
  readonly #throttle: Throttle;
  readonly #dispatcher: Dispatcher;
  readonly #context: DispatcherParts['context'];
  readonly #store: SecretStore;
  readonly #page: PageDoor;
  readonly #functionArns = new Set<string>();
  readonly #arnPrefix: string;
  readonly #closed = new AbortController();
  #journal: Journal | undefined = undefined;
  readonly #doors = new Set<HttpDoor>();

  /**
   * A service whose state is kept in a folder, with values and everything else encrypted: what was answered is still
   * there after a restart or a crash, schedules and unfinished rotations included. A rotation goes on as soon as its
   * function is registered again.
   * @throws DataFolderError where the folder is in use, someone else's, damaged, or without its key
   */
  static async open({ dataFolder, acknowledge, ...options }: OpenOptions): Promise<LocalSecretsManager> {
    const local = new LocalSecretsManager(options);
    const { journal, secrets, cutBytes } = await Journal.open({
      folder: dataFolder,
      arnPrefix: local.#arnPrefix,
      all: () => local.#store.all(),
      acknowledge,
    }).catch(async (error: unknown) => {
      await local.close();
      throw error;
    });
    for (const secret of secrets) local.#store.restore(secret);
    local.#store.subscribe((arn, secret, kind) => journal.changed(arn, secret, kind));
    local.#journal = journal;
    local.timeline.record({ kind: 'opened', secrets: secrets.length, cutBytes });
    local.#automatic.recover();
    return local;
  }

  constructor(options: LocalSecretsManagerOptions = {}) {
    const { region = 'us-east-1', accountId = '123456789012', clock = realClock, onCall, faults = [] } = options;
    this.region = region;
    this.rotation = { ...defaultRotationSettings, ...options.rotation };
    const now = (): number => clock.now();
    const timeline = new Timeline(now, options.timelineLimit ?? 100_000);
    const prefix = arnPrefix(region, accountId);
    const store = new SecretStore(prefix, now, ({ arn, labels, before }) => {
      timeline.record({ kind: 'labels', secretId: arn, labels, before });
    });
    const functions = new FunctionRegistry(region, accountId, () => [...this.#doors][0]?.url);
    const activity = new Activity();
    const parts = { store, functions, timeline, clock, activity, settings: () => this.rotation };
    const rotations = new RotationService(parts);
    const labels = options.labelRules ?? labelRules;
    const context = { store, labels, rotations, functions, clock, arnPrefix: prefix };
    this.timeline = timeline;
    this.#context = context;
    this.#functions = functions;
    this.#rotations = rotations;
    this.#throttle = new Throttle(now);
    this.#automatic = new AutomaticRotations(parts, rotations);
    this.#endTurning = clock.beforeTurning?.(() => activity.idle());
    this.#dispatcher = new Dispatcher({
      context,
      faults: this.#faults,
      throttle: this.#throttle,
      timeline,
      activity,
      durable: () => this.#journal?.durable(),
    });
    this.#store = store;
    this.#arnPrefix = prefix;
    this.#page = new PageDoor({
      store,
      timeline,
      region,
      dispatcher: this.#dispatcher,
      functionArns: () => [...this.#functionArns],
      reattempt: (secretId) => rotations.reattempt(secretId),
    });
    this.setOnCall(onCall);
    this.setFaults(faults);
    this.setQuotas(options.quotas ?? []);
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
   * Makes a secret as a service of AWS does that manages it: with tags that begin with `aws:`, and no more to be
   * changed through the API. It is for the process that stands for that service.
   */
  createManagedSecret(options: ManagedSecretOptions): ManagedSecret {
    return createManagedSecret({ ...this.#context, reader: this.#store }, options);
  }

  /** The operations that it answers. */
  get operations(): readonly string[] {
    return [...operations.keys()];
  }

  /** Serves the API and the page over HTTP: on 127.0.0.1 and a free port, unless told otherwise. */
  async listen(options: ListenOptions = {}): Promise<HttpDoor> {
    const nameBehind = (accessKeyId: string): string | undefined => this.#functions.nameBehind(accessKeyId);
    const bound = await listen(this.#dispatcher, nameBehind, this.#page, options);
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
  registerFunction(nameOrArn: string, target: RotationHandler | RotationTarget, options?: RegisterOptions): string {
    const arn = this.#functions.register(nameOrArn, typeof target === 'function' ? inProcess(target) : target, options);
    this.#functionArns.add(arn);
    this.#automatic.registered(arn);
    return arn;
  }

  /**
   * For the `onLog` of a bundle: records in the timeline what its log tells of logins and failures, and its other
   * lines, with every value blacked out of the secrets that the function has called for.
   */
  functionLog(functionName: string): (line: LogLine) => void {
    const log = new FunctionLog(functionName, this.timeline, this.#store);
    return (line) => log.hear(line);
  }

  /** From now on RotateSecret cannot invoke the function. Its target is not closed. */
  unregisterFunction(nameOrArn: string): void {
    const arn = this.#functions.arnOf(nameOrArn);
    if (arn !== undefined) this.#functionArns.delete(arn);
    this.#functions.unregister(nameOrArn);
  }

  /**
   * The rotation events from now on (fact 29), as they happen; those so far are in the timeline.
   * @param signal ends it, as closing the service does
   */
  rotationEvents(signal?: AbortSignal): AsyncGenerator<RotationEntry, void> {
    const closed = this.#closed.signal;
    return rotationEvents(this.timeline, signal === undefined ? closed : AbortSignal.any([closed, signal]));
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

  /** Replaces the rates above which calls are throttled; an empty list ends throttling. */
  setQuotas(quotas: readonly Quota[]): void {
    this.#throttle.setQuotas(quotas);
  }

  /** Ends everything: rotations, functions with their processes, frozen requests, doors. */
  async close(): Promise<void> {
    this.#endTurning?.();
    this.#automatic.close();
    this.#rotations.close();
    this.#closed.abort(new Error('The local Secrets Manager is closed.'));
    await this.#functions.close();
    await Promise.all([...this.#doors].map((door) => door.close()));
    await this.#journal?.close();
  }
}
