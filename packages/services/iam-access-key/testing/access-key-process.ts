import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { CredentialIssuer, RotationFunction } from '@keyturn/core';
import { type Crash, type CrashPoint, sameCrashPoint } from '@keyturn/engine-conformance/suite';
import type { FaultAction, LocalSecretsManager } from '@keyturn/local-secrets-manager';
import { iamAccessKey } from '../src/index.ts';
import type { Account } from './account.ts';
import { openDoor, type QueryAction, type QueryDoor, type QueryHook } from './aws-double.ts';

/** Makes the function under test, as a new process would: with nothing remembered. */
export type MakeFunction = (issuer: CredentialIssuer, client: SecretsManagerClient) => RotationFunction;

/** The function's role, as Lambda gives it. */
export type RoleCredentials = ReturnType<Account['addRole']>;

/** What a process is made of. */
export interface ProcessOptions {
  readonly account: Account;
  readonly role: RoleCredentials;
  readonly manager: LocalSecretsManager;
  readonly makeFunction: MakeFunction;
  readonly crash?: Crash | undefined;
  /** What IAM and STS do with this process's calls, where it is not to crash at them. */
  readonly onServiceCall?: QueryHook | undefined;
  /** At every point, before the crash if it is to happen there. */
  readonly onPoint?: ((point: CrashPoint) => Promise<void>) | undefined;
  /** At the moment of the crash, before anybody learns of it. */
  readonly onCrash?: (() => Promise<void>) | undefined;
}

/**
 * A Lambda sandbox that can die. Killed, it hears no answer any more and reaches nothing, neither Secrets
 * Manager nor IAM nor STS.
 */
export class AccessKeyProcess {
  readonly points: CrashPoint[] = [];
  /** Whether the crash that was asked for has happened. */
  crashed = false;
  dead = false;
  readonly door: QueryDoor;
  readonly #options: ProcessOptions;
  readonly #function: RotationFunction;
  readonly #killed = Promise.withResolvers<never>();

  private constructor(options: ProcessOptions, openTo: (process: AccessKeyProcess) => void, door: QueryDoor) {
    this.#options = options;
    this.door = door;
    this.#killed.promise.catch(() => undefined);
    const issuer = iamAccessKey({
      region: 'eu-west-1',
      iamEndpoint: door.url,
      stsEndpoint: door.url,
      credentials: options.role,
    });
    const client = new SecretsManagerClient(
      options.manager.clientOptions({
        caller: 'rotation-function',
        onCall: async ({ operation, nth, moment }): Promise<FaultAction> => ({
          action: await this.#at({ name: `${operation} ${nth}`, moment }),
        }),
      }),
    );
    this.#function = options.makeFunction(issuer, client);
    openTo(this);
  }

  static async start(options: ProcessOptions): Promise<AccessKeyProcess> {
    let process: AccessKeyProcess | undefined;
    const door = await openDoor(options.account, {
      onCall: async (point): Promise<QueryAction> => {
        const { operation, nth, moment } = point;
        const action = (await process?.at({ name: `${operation} ${nth}`, moment })) ?? 'pass';
        return action === 'pass' ? ((await options.onServiceCall?.(point)) ?? 'pass') : action;
      },
    });
    return new AccessKeyProcess(
      options,
      (started) => {
        process = started;
      },
      door,
    );
  }

  /** Runs one step; rejects at once when the process is killed during it. */
  async invoke(event: unknown, remainingMs = 30_000): Promise<void> {
    const step = this.#function.handler(event, { getRemainingTimeInMillis: () => remainingMs });
    await Promise.race([step, this.#killed.promise]);
  }

  at(point: CrashPoint): Promise<'pass' | 'drop' | 'freeze'> {
    return this.#at(point);
  }

  async #at(point: CrashPoint): Promise<'pass' | 'drop' | 'freeze'> {
    if (this.dead) return 'freeze';
    this.points.push(point);
    await this.#options.onPoint?.(point);
    const { crash } = this.#options;
    if (this.crashed || crash === undefined || !sameCrashPoint(crash.point, point)) return 'pass';
    this.crashed = true;
    await this.#options.onCrash?.();
    if (crash.kind === 'dropped') return 'drop';
    this.dead = true;
    this.#killed.reject(new Error('Runtime exited with error: signal: killed'));
    return 'freeze';
  }
}
