import type { Clock } from '../clock.ts';
import { AWSCURRENT, AWSPENDING, attach, detach, holderOf } from '../state/labels.ts';
import type { Rotation, Secret } from '../state/secret.ts';
import type { SecretStore } from '../state/secret-store.ts';
import { pruned, withoutVersion, withVersion } from '../state/versions.ts';

/** What a rotation changes in the store by itself, besides what its function does. */
export class RotationState {
  readonly #store: SecretStore;
  readonly #clock: Clock;

  constructor(store: SecretStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  find(arn: string): Secret | undefined {
    return this.#store.find(arn);
  }

  /** Makes the version without a value that carries AWSPENDING (fact 13). */
  addPending(secret: Secret, token: string, kind: 'rotation' | 'test', copyValue: boolean, attempt: number = 1): void {
    const now = this.#clock.now();
    const current = secret.versions.get(holderOf(secret.versions, AWSCURRENT) ?? '');
    const added = withVersion(secret.versions, token, copyValue ? current?.value : undefined, now);
    const versions = pruned(attach(added, AWSPENDING, token), now);
    const next = withoutIncomplete(secret);
    const { rotation } = next;
    const underWay = kind === 'test' ? { testing: token } : { incomplete: token, attempt };
    this.#store.put({
      ...next,
      changedAt: now,
      versions,
      ...(rotation === undefined ? {} : { rotation: { ...rotation, ...underWay } }),
    });
  }

  /** Notes which attempt is on its way, so that it goes on after a restart; without a number, that none is any more. */
  noteAttempt({ arn, token, attempt }: { arn: string; token: string; attempt?: number }): void {
    const secret = this.#store.find(arn);
    if (secret?.rotation?.incomplete !== token) return;
    const { attempt: _before, ...rotation } = secret.rotation;
    this.#store.touch({ ...secret, rotation: attempt === undefined ? rotation : { ...rotation, attempt } });
  }

  /** Notes that the schedule has started a rotation, or tried to. */
  tried(secret: Secret): Secret {
    if (secret.rotation === undefined) return secret;
    return { ...secret, rotation: { ...secret.rotation, triedAt: this.#clock.now() } };
  }

  /** Takes the version of a lone test away (fact 20). */
  removeTestVersion(arn: string, token: string): void {
    const secret = this.#store.find(arn);
    if (secret === undefined) return;
    const { testing: _over, ...rotation } = secret.rotation ?? {};
    const versions = withoutVersion(secret.versions, token);
    this.#store.put({
      ...secret,
      versions,
      ...(secret.rotation === undefined ? {} : { rotation: rotation as Rotation }),
    });
  }

  /** Takes AWSPENDING off an abandoned rotation's version (fact 24). */
  abandon(arn: string, token: string): void {
    const secret = this.#store.find(arn);
    if (secret === undefined) return;
    this.#store.put({ ...withoutIncomplete(secret), versions: detach(secret.versions, AWSPENDING, token) });
  }

  complete(arn: string, token: string): void {
    const secret = this.#store.find(arn);
    if (secret?.rotation === undefined) return;
    const now = this.#clock.now();
    const next = secret.rotation.incomplete === token ? withoutIncomplete(secret) : secret;
    const rotation = { ...(next.rotation ?? secret.rotation), lastRotatedAt: now, countedFrom: now };
    this.#store.put({ ...next, changedAt: now, rotation });
  }

  /** Whether AWSPENDING is on AWSCURRENT or nowhere, or has gone on from a version that was promoted (fact 25). */
  isComplete(arn: string, token: string): boolean {
    const versions = this.#store.find(arn)?.versions;
    if (versions === undefined) return false;
    const pending = holderOf(versions, AWSPENDING);
    const current = holderOf(versions, AWSCURRENT);
    return pending === undefined || pending === current || current === token;
  }

  /** Whether the rotation's version still carries AWSPENDING or has become AWSCURRENT. */
  isLabelled(arn: string, token: string): boolean {
    const labels = this.#store.find(arn)?.versions.get(token)?.labels ?? [];
    return labels.includes(AWSPENDING) || labels.includes(AWSCURRENT);
  }
}

function withoutIncomplete(secret: Secret): Secret {
  if (secret.rotation === undefined) return secret;
  const { incomplete: _over, attempt: _last, ...rotation } = secret.rotation;
  return { ...secret, rotation: rotation satisfies Rotation };
}
