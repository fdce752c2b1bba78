import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { Deadline } from './deadline.ts';
import { RotationError } from './errors.ts';
import { type LogFields, Logs } from './log.ts';
import { LoginLimit, RefusedLogins } from './login-limit.ts';
import { Redactor } from './redact.ts';
import type { ProcessMemory, Rotation, Strategy } from './rotation.ts';
import { parseEvent, type RotationEvent } from './rotation-event.ts';
import { SecretVersions } from './secret-versions.ts';
import { SecretsManager, secretsManagerClient } from './secrets-manager.ts';
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
export type RotationHandler = (event: unknown, context?: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<void>;

/**
 * The Lambda function that rotates a secret. Make one for each function and export its handler:
 *
 *     export const handler: RotationHandler = new RotationFunction(singleUser(postgres())).handler;
 *
 * Subclass it to change what a step does.
 */
export class RotationFunction {
  readonly #strategy: Strategy;
  readonly #options: RotationFunctionOptions;
  readonly #redactor: Redactor = new Redactor();
  readonly #logs: Logs = new Logs(this.#redactor);
  readonly #memory: ProcessMemory = { refused: new RefusedLogins(), proven: new Set(), hookFailed: new Set() };
  #client: SecretsManagerClient | undefined;
  #settings: Settings | undefined;

  constructor(strategy: Strategy, options: RotationFunctionOptions = {}) {
    this.#strategy = strategy;
    this.#options = options;
    this.#client = options.client;
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
      rotation = this.#begin(parseEvent(event), deadline);
      await this.#take(rotation);
    } catch (error) {
      failure = this.#asRotationError(error, rotation);
    } finally {
      deadline.end();
    }
    this.#report(rotation, failure, performance.now() - start);
    if (failure !== undefined) throw failure;
  };

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
    return finishSecret(rotation, this.#strategy);
  }

  #begin(event: RotationEvent, deadline: Deadline): Rotation {
    const env = this.#options.env ?? process.env;
    // Here and not in the constructor: a wrong variable then is an error of the rotation, with a code and a log line.
    this.#settings ??= readSettings(this.#options, env);
    this.#client ??= secretsManagerClient(env);
    const settings = this.#settings;
    const manager = new SecretsManager(this.#client, deadline);
    return {
      event,
      settings,
      deadline,
      manager,
      versions: new SecretVersions(manager, deadline, event, settings.consistencyWaitMs),
      log: this.#logs.with(contextOf(event, this.#strategy)),
      redactor: this.#redactor,
      logins: new LoginLimit(settings.failedLoginLimit),
      now: this.#options.now ?? Date.now,
      memory: this.#memory,
    };
  }

  #take(rotation: Rotation): Promise<void> {
    switch (rotation.event.Step) {
      case 'createSecret':
        return this.createSecret(rotation);
      case 'setSecret':
        return this.setSecret(rotation);
      case 'testSecret':
        return this.testSecret(rotation);
      case 'finishSecret':
        return this.finishSecret(rotation);
    }
  }

  #asRotationError(error: unknown, rotation: Rotation | undefined): RotationError {
    const step = rotation?.event.Step;
    if (error instanceof RotationError) return error.with({ step });
    const text = error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no error was thrown';
    const unexpected = new RotationError('unexpected', { message: this.#redactor.redact(text), step });
    if (error instanceof Error && error.stack !== undefined) unexpected.stack = this.#redactor.redact(error.stack);
    return unexpected;
  }

  #report(rotation: Rotation | undefined, failure: RotationError | undefined, durationMs: number): void {
    const log = rotation?.log ?? this.#logs.with({ strategy: this.#strategy.name });
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

function contextOf(event: RotationEvent, strategy: Strategy): Record<string, string> {
  return { step: event.Step, secretId: event.SecretId, versionId: event.ClientRequestToken, strategy: strategy.name };
}
