import { randomUUID } from 'node:crypto';
import { AWSCURRENT, AWSPENDING, holderOf } from '../state/labels.ts';
import type { Secret } from '../state/secret.ts';
import { logRotation } from './rotation-log.ts';
import type { RotationParts, RotationService } from './rotation-service.ts';
import { RotationState } from './rotation-state.ts';
import { RotationScheduler } from './scheduler.ts';

/** The rotations that nobody calls for: the scheduled ones, and those that a restart has interrupted. */
export class AutomaticRotations {
  readonly #parts: RotationParts;
  readonly #rotations: RotationService;
  readonly #state: RotationState;
  readonly #scheduler: RotationScheduler;
  /** By function: what waits until it is registered, as it is soon after a restart. */
  readonly #held = new Map<string, Set<string>>();

  constructor(parts: RotationParts, rotations: RotationService) {
    this.#parts = parts;
    this.#rotations = rotations;
    this.#state = new RotationState(parts.store, parts.clock);
    this.#scheduler = new RotationScheduler({
      clock: parts.clock,
      momentInWindow: () => parts.settings().momentInWindow,
      start: (arn) => this.#due(arn),
    });
    parts.store.subscribe((arn, secret) => this.#scheduler.changed(arn, secret));
  }

  /** Takes up what was under way when the stored state was left, and plans every schedule. */
  recover(): void {
    for (const secret of this.#parts.store.all()) {
      const { rotation } = secret;
      if (rotation === undefined) continue;
      if (rotation.testing !== undefined) this.#endTest(secret, rotation.testing);
      if (rotation.enabled && rotation.attempt !== undefined) this.#whenRegistered(rotation.functionArn, secret.arn);
      this.#scheduler.changed(secret.arn, this.#state.find(secret.arn));
    }
  }

  /** Starts what has waited for this function. */
  registered(functionArn: string): void {
    const held = this.#held.get(functionArn) ?? [];
    this.#held.delete(functionArn);
    for (const arn of held) this.#start(arn);
  }

  /** Starts nothing more. */
  close(): void {
    this.#scheduler.close();
  }

  #due(arn: string): void {
    const functionArn = this.#state.find(arn)?.rotation?.functionArn;
    if (functionArn !== undefined) this.#whenRegistered(functionArn, arn);
  }

  // A function that is not registered any more fails the rotation; one that is not registered yet is waited for.
  #whenRegistered(functionArn: string, arn: string): void {
    if (this.#parts.functions.wasRegistered(functionArn)) {
      this.#start(arn);
      return;
    }
    const held = this.#held.get(functionArn) ?? new Set();
    this.#held.set(functionArn, held.add(arn));
  }

  #start(arn: string): void {
    const secret = this.#state.find(arn);
    const { rotation, deletionAt } = secret ?? {};
    if (secret === undefined || rotation?.enabled !== true || deletionAt !== undefined) return;
    const tried = this.#state.tried(secret);
    if (this.#rotations.isActive(arn)) {
      this.#parts.store.touch(tried);
      return;
    }
    const pending = holderOf(secret.versions, AWSPENDING);
    const isClear = pending === undefined || pending === holderOf(secret.versions, AWSCURRENT);
    if (isClear && rotation.incomplete === undefined) {
      this.#rotations.begin(tried, randomUUID(), 'rotation');
      return;
    }
    // The one that is left is taken up again, as the service says of it (fact 17).
    this.#parts.store.touch(tried);
    this.#rotations.reattempt(arn);
  }

  #endTest({ arn, rotation }: Secret, token: string): void {
    this.#state.removeTestVersion(arn, token);
    const logged = { arn, token, functionArn: rotation?.functionArn ?? '', attempt: 1 };
    logRotation(this.#parts.timeline, logged, 'TestRotationFailed', 'The service has ended during the testSecret step');
  }
}
