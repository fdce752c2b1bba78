import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import type { FinishedRotation } from './after-rotation.ts';
import { checkClass } from './custom/class-faults.ts';
import { alsoProvedBy, customStrategy } from './custom/custom-strategy.ts';
import { ProtectingManager } from './custom/protecting-manager.ts';
import { redactedError } from './custom/redacted-error.ts';
import { WideRedactor } from './custom/wide-redactor.ts';
import { Deadline } from './deadline.ts';
import { EarlyMaster } from './early-master.ts';
import type { PasswordRules } from './engine.ts';
import { RotationError } from './errors.ts';
import { type Log, type LogFields, Logs } from './log.ts';
import { LoginLimit, RefusedLogins } from './login-limit.ts';
import type { Redactor } from './redact.ts';
import type { ProcessMemory, Rotation, Strategy } from './rotation.ts';
import { parseEvent, type RotationEvent, steps } from './rotation-event.ts';
import { SecretVersions } from './secret-versions.ts';
import { secretsManagerClient } from './secrets-manager.ts';
import { type RotationOptions, readSettings, type Settings } from './settings.ts';
import { publishStepMetric } from './step-metrics.ts';
import { createSecret } from './steps/create-secret.ts';
import { finishSecret } from './steps/finish-secret.ts';
import { setSecret } from './steps/set-secret.ts';
import { testSecret } from './steps/test-secret.ts';

/** What a function is made with besides its strategy. */
export interface RotationFunctionOptions extends RotationOptions {
  /** @default - one client for the process, at SECRETS_MANAGER_ENDPOINT or the Region's endpoint */
  readonly client?: SecretsManagerClient | undefined;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The wall clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** What Lambda calls. */
export type RotationHandler = (
  event: unknown,
  context?: Pick<Context, 'getRemainingTimeInMillis'> & Partial<Pick<Context, 'awsRequestId'>>,
) => Promise<void>;

/** The hooks that a subclass may have. */
const hookNames = ['parseSecret', 'nextSecret', 'changeCredential', 'proveCredential', 'isSameAccount'] as const;

/**
 * The Lambda function that rotates a secret. Make one for each function and export its handler:
 *
 *     export const handler: RotationHandler = new RotationFunction(singleUser(postgres())).handler;
 *
 * For a service of your own, extend it and write two methods. Labels, crashes, retries, the time of the invocation
 * and secrets in messages are taken care of. `S` is the secret's shape:
 *
 *     class Reports extends RotationFunction<ReportsSecret> {
 *       protected override async changeCredential(current: ReportsSecret, pending: ReportsSecret) { … }
 *       protected override async proveCredential(secret: ReportsSecret) { … }
 *     }
 *     export const handler: RotationHandler = new Reports().handler;
 *
 * What a hook throws is told as a RotationError, without any value of the secret. A class that lacks a hook
 * fails at createSecret, before anything is written. Each of the four steps may be overridden too; `super` does
 * what the step does.
 */
export class RotationFunction<S extends object = Record<string, unknown>> {
  /** The keys of the secret that a rotation replaces. @default ['password'] */
  declare protected readonly rotatedKeys?: readonly (keyof S & string)[];
  /** Which passwords the service takes. @default - 1 to 4096 printable ASCII characters without / @ " ' \ */
  declare protected readonly passwords?: PasswordRules;
  /** Whether the previous credential works until the next rotation, for the grace period. @default false */
  declare protected readonly previousWorks?: boolean;
  readonly #given: Strategy | undefined;
  readonly #options: RotationFunctionOptions;
  readonly #redactor: Redactor = new WideRedactor();
  readonly #logs: Logs = new Logs(this.#redactor);
  readonly #memory: ProcessMemory = {
    refused: new RefusedLogins(),
    proven: new Set(),
    hookFailed: new Set(),
    masterArns: new Map(),
  };
  #client: SecretsManagerClient | undefined;
  #settings: Settings | undefined;
  #made: Strategy | undefined;

  /** @param strategy how the secret is rotated; without one, the hooks of the class say it */
  constructor(strategy: Strategy, options?: RotationFunctionOptions);
  constructor(options?: RotationFunctionOptions);
  constructor(first: Strategy | RotationFunctionOptions = {}, second: RotationFunctionOptions = {}) {
    const isStrategy = 'nextValue' in first;
    this.#given = isStrategy ? first : undefined;
    this.#options = isStrategy ? second : first;
    this.#client = this.#options.client;
  }

  /**
   * Takes one step of a rotation. Any step may be sent again at any time.
   * @throws RotationError and nothing else; it names the step, and no secret stands in it
   */
  readonly handler: RotationHandler = async (event, context) => {
    const start = performance.now();
    const deadline = new Deadline(context?.getRemainingTimeInMillis());
    let rotation: Rotation | undefined;
    let failure: RotationError | undefined;
    try {
      rotation = this.#begin(parseEvent(event), deadline, context?.awsRequestId);
      await this.#take(rotation);
    } catch (error) {
      failure = this.#asRotationError(error, rotation);
    } finally {
      deadline.end();
    }
    const log = rotation?.log ?? this.#logs.with({ requestId: context?.awsRequestId, strategy: this.#strategy.name });
    this.#report(log, rotation, failure, performance.now() - start);
    if (failure !== undefined) throw failure;
  };

  /** Checks a version's JSON and gives it its type: see {@link CustomHooks.parseSecret}. @default - the rotated keys must be there */
  protected parseSecret?(value: unknown): S;

  /**
   * New values for the rotated keys; it changes nothing anywhere: see {@link CustomHooks.nextSecret}.
   * @default - a new password for each of them, under the function's password options
   */
  protected nextSecret?(current: S, rotation: Rotation): Partial<S> | Promise<Partial<S>>;

  /**
   * Makes the service take `pending` in place of `current`, which it has just accepted. Succeeds if it takes
   * `pending` already: see {@link CustomHooks.changeCredential}.
   */
  protected changeCredential?(current: S, pending: S, rotation: Rotation): Promise<void>;

  /**
   * Whether the service accepts this credential. False only where the service says that it is wrong; everything else
   * is thrown: see {@link CustomHooks.proveCredential}. With a strategy, it is called after the strategy's own test,
   * on the credential that is being tested, and must be true as well.
   */
  protected proveCredential?(secret: S, rotation: Rotation): Promise<boolean>;

  /** Whether an older version is of the same account: see {@link CustomHooks.isSameAccount}. @default - all other keys that parseSecret gives are equal */
  protected isSameAccount?(current: S, other: S): boolean;

  /** Called when AWSCURRENT has moved, as the option of this name. @default - the option */
  protected afterRotation?(finished: FinishedRotation): Promise<void>;

  /** Stores the next credential as AWSPENDING. */
  protected createSecret(rotation: Rotation): Promise<void> {
    return createSecret(rotation, this.#strategy);
  }

  /** Makes the service take the pending credential. */
  protected setSecret(rotation: Rotation): Promise<void> {
    return setSecret(rotation, this.#strategy);
  }

  /** Proves the pending credential. */
  protected testSecret(rotation: Rotation): Promise<void> {
    return testSecret(rotation, this.#strategy);
  }

  /** Promotes the pending version to AWSCURRENT. */
  protected finishSecret(rotation: Rotation): Promise<void> {
    // A version that another process has tested is tested again: by the step that this class has for it.
    const isOwn = this.testSecret !== RotationFunction.prototype.testSecret;
    const strategy = isOwn ? { ...this.#strategy, testSecret: () => this.testSecret(rotation) } : this.#strategy;
    return finishSecret(rotation, strategy);
  }

  /** The strategy given, or the one that the hooks make. Made at the first step: a subclass has its fields only then. */
  get #strategy(): Strategy {
    this.#made ??= this.#makeStrategy();
    return this.#made;
  }

  #makeStrategy(): Strategy {
    const { rotatedKeys, passwords, previousWorks } = this;
    const hooks = {
      name: `custom ${this.constructor.name}`,
      rotatedKeys,
      passwords,
      previousWorks,
      parseSecret: this.parseSecret?.bind(this),
      nextSecret: this.nextSecret?.bind(this),
      isSameAccount: this.isSameAccount?.bind(this),
      changeCredential: async (current: S, pending: S, rotation: Rotation) =>
        this.changeCredential?.(current, pending, rotation),
      proveCredential: (secret: S, rotation: Rotation) =>
        // There is one: a class without it takes no step.
        this.proveCredential?.(secret, rotation) as Promise<boolean>,
    };
    if (this.#given === undefined) return customStrategy<S>(hooks);
    return this.proveCredential === undefined ? this.#given : alsoProvedBy<S>(this.#given, hooks);
  }

  #check(): void {
    const own: RotationFunction<S> = RotationFunction.prototype;
    checkClass({
      name: this.constructor.name,
      hasStrategy: this.#given !== undefined,
      hooks: new Set(hookNames.filter((hook) => this[hook] !== undefined)),
      overridden: new Set(steps.filter((step) => this[step] !== own[step])),
    });
  }

  #begin(event: RotationEvent, deadline: Deadline, requestId: string | undefined): Rotation {
    const env = this.#options.env ?? process.env;
    // Here and not in the constructor: a wrong variable then is an error of the rotation, with a code and a log line.
    const { afterRotation = this.afterRotation?.bind(this) } = this.#options;
    this.#settings ??= readSettings({ ...this.#options, afterRotation }, env);
    this.#client ??= secretsManagerClient(env);
    const settings = this.#settings;
    const manager = new ProtectingManager(this.#client, deadline, {
      redactor: this.#redactor,
      rotatedKeys: this.rotatedKeys ?? ['password'],
    });
    return {
      event,
      settings,
      deadline,
      manager,
      versions: new SecretVersions(manager, deadline, event, settings.consistencyWaitMs),
      log: this.#logs.with(contextOf(event, this.#strategy, requestId)),
      redactor: this.#redactor,
      logins: new LoginLimit(settings.failedLoginLimit),
      now: this.#options.now ?? Date.now,
      earlyMaster: new EarlyMaster(),
      memory: this.#memory,
    };
  }

  async #take(rotation: Rotation): Promise<void> {
    const { Step, SecretId, ClientRequestToken } = rotation.event;
    this.#check();
    try {
      await this[Step](rotation);
    } catch (error) {
      // What a subclass found wrong after super.testSecret had proved the version.
      if (Step === 'testSecret') this.#memory.proven.delete(`${SecretId} ${ClientRequestToken}`);
      throw error;
    }
  }

  #asRotationError(error: unknown, rotation: Rotation | undefined): RotationError {
    const step = rotation?.event.Step;
    if (error instanceof RotationError) {
      return redactedError(error.with({ step }), (text) => this.#redactor.redact(text));
    }
    const text = error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no error was thrown';
    const unexpected = new RotationError('unexpected', { message: this.#redactor.redact(text), step });
    if (error instanceof Error && error.stack !== undefined) unexpected.stack = this.#redactor.redact(error.stack);
    return unexpected;
  }

  #report(log: Log, rotation: Rotation | undefined, failure: RotationError | undefined, durationMs: number): void {
    const counts = {
      durationMs: Math.round(durationMs),
      secretsManagerCalls: rotation?.manager.calls ?? 0,
      logins: rotation?.logins.tried ?? 0,
      refusedLogins: rotation?.logins.refused ?? 0,
    };
    if (failure === undefined) log.info('step-succeeded', counts);
    else log.error('step-failed', { ...failureFields(failure), ...counts });
    if (rotation === undefined) return;
    const { Step, SecretId, ClientRequestToken } = rotation.event;
    publishStepMetric(
      { step: Step, secretId: SecretId, versionId: ClientRequestToken, durationMs, code: failure?.code },
      this.#redactor,
    );
  }
}

/** The error's own `message` is told as `reason`: in a log line, `message` is the event's name. */
function failureFields(failure: RotationError): LogFields {
  const { message, ...fields } = failure.toJSON();
  return { ...fields, reason: message };
}

/** What every line says; the request's id is that of Lambda's own lines. */
function contextOf(event: RotationEvent, strategy: Strategy, requestId: string | undefined): LogFields {
  const { Step: step, SecretId: secretId, ClientRequestToken: versionId } = event;
  return { requestId, step, secretId, versionId, strategy: strategy.name };
}
