import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';
import { AWSCURRENT, AWSPENDING, holderOf } from '../state/labels.ts';
import type { Secret } from '../state/secret.ts';
import type { SecretStore } from '../state/secret-store.ts';
import type { RotationEventName } from '../timeline/entries.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Activity } from './activity.ts';
import { logRotation } from './rotation-log.ts';
import { RotationRun } from './rotation-run.ts';
import { type RotationResult, type RotationSettings, retryDelay } from './rotation-settings.ts';
import { RotationState } from './rotation-state.ts';
import { runStep, type Step } from './rotation-step.ts';

const STEPS: readonly Step[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/** What the rotation service works with. */
export interface RotationParts {
  readonly store: SecretStore;
  readonly functions: FunctionRegistry;
  readonly timeline: Timeline;
  readonly clock: Clock;
  readonly activity: Activity;
  /** Read anew for each decision, so that they may change between rotations. */
  readonly settings: () => RotationSettings;
}

/** Runs rotations: the steps one after the other, the retries, and how they end (facts 16 to 29). */
export class RotationService {
  readonly #parts: RotationParts;
  readonly #state: RotationState;
  readonly #runs = new Map<string, RotationRun>();
  readonly #active = new Set<RotationRun>();

  constructor(parts: RotationParts) {
    this.#parts = parts;
    this.#state = new RotationState(parts.store, parts.clock);
  }

  /** Makes the AWSPENDING version and returns; the function is invoked soon after (fact 16). */
  begin(secret: Secret, token: string, kind: 'rotation' | 'test'): void {
    const functionArn = secret.rotation?.functionArn ?? '';
    const earlier = this.#runs.get(secret.arn);
    this.#state.addPending(secret, token, kind, kind === 'test' && this.#parts.settings().testVersionHasValue);
    if (earlier !== undefined && this.#active.has(earlier)) this.#supersede(earlier);
    this.#launch(new RotationRun(secret.arn, functionArn, kind, token));
  }

  /**
   * Tries an incomplete rotation again with its own version, as the service does by itself after a time.
   * @throws Error where no incomplete rotation is at rest
   */
  reattempt(secretId: string): void {
    const secret = this.#parts.store.find(secretId);
    const token = secret === undefined ? undefined : unfinished(secret);
    if (secret?.rotation === undefined || token === undefined || this.isActive(secret.arn)) {
      throw new Error(`No incomplete rotation of ${secretId} waits to be tried again.`);
    }
    const { functionArn, attempt } = secret.rotation;
    const run = new RotationRun(secret.arn, functionArn, 'rotation', token);
    // One that a restart has interrupted goes on with its attempts; one that had failed has all of them anew.
    run.attempt = attempt ?? 1;
    this.#state.noteAttempt(run);
    this.#launch(run);
  }

  /** Whether a rotation, or a test of one, is on its way or waits for its retry. */
  isActive(arn: string): boolean {
    const run = this.#runs.get(arn);
    return run !== undefined && this.#active.has(run);
  }

  /** Whether a call with this token has started the last rotation of the secret, which runs or is over. */
  isStartedWith(arn: string, token: string): boolean {
    const run = this.#runs.get(arn);
    if (run?.requestToken !== token) return false;
    const rotation = this.#parts.store.find(arn)?.rotation;
    return rotation?.enabled === true && (this.#active.has(run) || rotation.incomplete === undefined);
  }

  /** A version was made by someone else: the rotation on its way, or left incomplete, is abandoned (fact 24). */
  versionCreated(arn: string, versionId: string): void {
    const run = this.#runs.get(arn);
    if (run?.kind === 'test' && this.#active.has(run)) return;
    const incomplete = this.#state.find(arn)?.rotation?.incomplete;
    if (incomplete !== undefined && incomplete !== versionId) this.#abandon(arn, incomplete, run);
  }

  /** Ends a rotation where it stands: the step that runs is the last, and the labels stay (fact 26). */
  cancel(arn: string): void {
    this.#runs.get(arn)?.end('cancelled');
  }

  /**
   * How the last rotation of the secret ended, once it has: after its retries, and after the step that ran
   * when it was cancelled or abandoned.
   * @throws Error where none was started
   */
  settled(secretId: string): Promise<RotationResult> {
    const run = this.#runs.get(this.#parts.store.find(secretId)?.arn ?? secretId);
    if (run === undefined) return Promise.reject(new Error(`No rotation of ${secretId} was started.`));
    return run.done;
  }

  /** Lets no further step run. */
  close(): void {
    for (const run of this.#active) run.end('cancelled');
  }

  #launch(run: RotationRun): void {
    this.#runs.set(run.arn, run);
    this.#active.add(run);
    void this.#parts.activity.during(async () => {
      // Asynchronous: RotateSecret is answered before the function is invoked.
      await new Promise((resolve) => setImmediate(resolve));
      const outcome = await (run.kind === 'test' ? this.#test(run) : this.#rotate(run));
      this.#active.delete(run);
      run.settle(outcome);
    });
  }

  async #rotate(run: RotationRun): Promise<RotationResult['outcome']> {
    for (;;) {
      this.#log(run, 'RotationStarted');
      const failedStep = await this.#steps(run);
      if (run.ended !== undefined) return run.ended;
      if (failedStep === undefined) {
        this.#state.complete(run.arn, run.token);
        this.#log(run, 'RotationSucceeded');
        return 'succeeded';
      }
      this.#log(run, 'RotationFailed', `Error when executing lambda ${run.functionArn} during ${failedStep} step`);
      if (run.superseded || run.attempt >= this.#parts.settings().attempts) {
        this.#state.noteAttempt({ arn: run.arn, token: run.token });
        return 'failed';
      }
      if (!(await this.#retry(run))) return run.ended ?? 'failed';
    }
  }

  // The step that failed, if one did. A label that someone took away meanwhile abandons the rotation.
  async #steps(run: RotationRun): Promise<Step | undefined> {
    const rotationToken = randomUUID();
    for (const step of STEPS) {
      if (run.ended !== undefined) return undefined;
      if (!this.#state.isLabelled(run.arn, run.token)) {
        this.#abandon(run.arn, run.token, run);
        return undefined;
      }
      if (!(await runStep(this.#parts, run, step, rotationToken))) return step;
    }
    return this.#state.isComplete(run.arn, run.token) ? undefined : 'finishSecret';
  }

  // Waits, then readies the next attempt; false where the rotation ended meanwhile.
  async #retry(run: RotationRun): Promise<boolean> {
    const settings = this.#parts.settings();
    const { activity, clock } = this.#parts;
    const sleep = (): Promise<void> => clock.sleep(retryDelay(settings, run.attempt), run.signal);
    const labelled = this.#state.isLabelled(run.arn, run.token);
    await activity.resting(sleep).catch(() => undefined);
    const secret = this.#state.find(run.arn);
    if (run.ended !== undefined || run.superseded || secret === undefined) return false;
    if (labelled && !this.#state.isLabelled(run.arn, run.token)) {
      this.#abandon(run.arn, run.token, run);
      return false;
    }
    run.attempt += 1;
    // A function may take AWSPENDING off a version that cannot succeed: then the next attempt starts afresh.
    if (settings.reuseToken && labelled) {
      this.#state.noteAttempt(run);
      return true;
    }
    run.token = randomUUID();
    this.#state.addPending(secret, run.token, run.kind, false, run.attempt);
    return true;
  }

  async #test(run: RotationRun): Promise<RotationResult['outcome']> {
    this.#log(run, 'TestRotationStarted');
    const passed = await runStep(this.#parts, run, 'testSecret', randomUUID());
    this.#state.removeTestVersion(run.arn, run.token);
    if (run.ended !== undefined) return run.ended;
    if (passed) this.#log(run, 'TestRotationSucceeded');
    else this.#log(run, 'TestRotationFailed', `Error when executing lambda ${run.functionArn} during testSecret step`);
    return passed ? 'succeeded' : 'failed';
  }

  #abandon(arn: string, token: string, run: RotationRun | undefined): void {
    if (run?.ended !== undefined && this.#active.has(run)) return;
    run?.end('abandoned');
    this.#state.abandon(arn, token);
    if (run !== undefined) this.#log(run, 'RotationAbandoned');
  }

  // Its version is AWSCURRENT, or lost AWSPENDING: else the new rotation would have been refused (fact 17).
  #supersede(earlier: RotationRun): void {
    earlier.superseded = true;
    if (earlier.ended !== undefined || earlier.kind === 'test') return;
    if (this.#state.isLabelled(earlier.arn, earlier.token)) return;
    earlier.end('abandoned');
    this.#log(earlier, 'RotationAbandoned');
  }

  #log(run: RotationRun, event: RotationEventName, errorMessage?: string): void {
    logRotation(this.#parts.timeline, run, event, errorMessage);
  }
}

/** The version that RotateSecret refuses to overtake (fact 17): that of a failed rotation, or one labelled since. */
function unfinished(secret: Secret): string | undefined {
  const pending = holderOf(secret.versions, AWSPENDING);
  const labelled = pending === holderOf(secret.versions, AWSCURRENT) ? undefined : pending;
  return secret.rotation?.incomplete ?? labelled;
}
