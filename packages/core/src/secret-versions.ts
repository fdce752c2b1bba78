import type { Deadline } from './deadline.ts';
import { hasCode, RotationError } from './errors.ts';
import type { RotationEvent } from './rotation-event.ts';
import type { SecretDescription, SecretsManager, SecretVersion, VersionListing } from './secrets-manager.ts';
import { isStateRefusal } from './service-errors.ts';

/** The staging labels that a rotation moves. */
export const AWSCURRENT = 'AWSCURRENT';
export const AWSPENDING = 'AWSPENDING';

/** First pause between two looks at something that was just written; each next one is twice as long. */
const firstPauseMs = 100;

/** Where the version that a rotation makes stands. */
export type PendingState = 'in-progress' | 'finished';

/**
 * The versions and staging labels of the one secret that an invocation rotates: reading them, moving
 * them. Secrets Manager's reads are eventually consistent, so what the rotation knows must be there is
 * looked for again, for a bounded time.
 */
export class SecretVersions {
  readonly #manager: SecretsManager;
  readonly #deadline: Deadline;
  readonly #secretId: string;
  readonly #token: string;
  readonly #rotationToken: string | undefined;
  readonly #consistencyWaitMs: number;

  constructor(manager: SecretsManager, deadline: Deadline, event: RotationEvent, consistencyWaitMs: number) {
    this.#manager = manager;
    this.#deadline = deadline;
    this.#secretId = event.SecretId;
    this.#token = event.ClientRequestToken;
    this.#rotationToken = event.RotationToken;
    this.#consistencyWaitMs = consistencyWaitMs;
  }

  /** The AWSCURRENT version. @throws RotationError `no-current-value`, `secret-not-found` */
  async current(): Promise<SecretVersion> {
    try {
      return await this.#manager.getValue(this.#secretId, { label: AWSCURRENT });
    } catch (error) {
      if (!isStateRefusal(error)) throw error;
      // The secret is missing, or only its value is: DescribeSecret tells, and throws where it is missing.
      await this.#manager.describe(this.#secretId);
      throw new RotationError('no-current-value', { message: 'the secret has no AWSCURRENT value', stage: AWSCURRENT });
    }
  }

  /**
   * Describes the secret, and says whether this rotation is in progress or has finished.
   * @throws RotationError `rotation-disabled`, `version-not-found`, `version-not-pending`,
   *   `version-already-current`, `secret-not-found`
   */
  async describe(): Promise<SecretDescription & { readonly state: PendingState }> {
    let description = await this.#manager.describe(this.#secretId);
    refuseDisabled(description);
    await this.#again(
      () => description.labels.has(this.#token),
      async () => {
        description = await this.#manager.describe(this.#secretId);
      },
    );
    return { ...description, state: this.#stateOf(description.labels.get(this.#token)) };
  }

  /**
   * The version of this rotation, with id and label checked in the one call that reads it.
   * @returns undefined if createSecret has stored nothing in it
   * @throws RotationError as {@link SecretVersions.describe}
   */
  async pending(): Promise<SecretVersion | undefined> {
    const version = await this.#readPending();
    if (version !== undefined) return this.#checkedPending(version);
    // The slow questions, asked only now: is it this rotation's version at all?
    await this.describe();
    let late: SecretVersion | undefined;
    await this.#again(
      () => late !== undefined,
      async () => {
        late = await this.#readPending();
      },
    );
    return late === undefined ? undefined : this.#checkedPending(late);
  }

  /** @throws RotationError as {@link SecretVersions.pending}, and `version-has-no-value` */
  async pendingWithValue(): Promise<SecretVersion> {
    const version = await this.pending();
    if (version === undefined) throw this.noValue();
    return version;
  }

  /** Any version by its id; undefined where it has no value or is gone. */
  async read(versionId: string): Promise<SecretVersion | undefined> {
    try {
      return await this.#manager.getValue(this.#secretId, { id: versionId });
    } catch (error) {
      if (isStateRefusal(error)) return undefined;
      throw error;
    }
  }

  /** Every version but AWSCURRENT and this rotation's own, newest first; of the same age, those with a label first. */
  async others(): Promise<readonly VersionListing[]> {
    const versions = await this.#list();
    return versions
      .filter(({ versionId, labels }) => versionId !== this.#token && !labels.includes(AWSCURRENT))
      .toSorted((a, b) => b.createdAt - a.createdAt || b.labels.length - a.labels.length);
  }

  /**
   * Stores the value of this rotation's version, once and for all.
   * @returns false if it has one already: a stored value is never replaced, the database may have it by now
   */
  async putPending(text: string): Promise<boolean> {
    try {
      await this.#manager.putValue(this.#secretId, {
        token: this.#token,
        text,
        label: AWSPENDING,
        rotationToken: this.#rotationToken,
      });
      return true;
    } catch (error) {
      if (error instanceof RotationError && error.driverCode === 'ResourceExistsException') return false;
      throw error;
    }
  }

  /**
   * Moves AWSCURRENT from the version that has it to this rotation's.
   * @returns undefined if this call has moved it; the secret as it is if it was there already: moved by a call
   *   whose answer was lost, or by another invocation
   * @throws RotationError `labels-moved` if another call moved the label meanwhile
   */
  async promote(description: SecretDescription): Promise<SecretDescription | undefined> {
    const from = versionWith(description, AWSCURRENT);
    try {
      await this.#manager.moveLabel(this.#secretId, AWSCURRENT, from, this.#token);
      return undefined;
    } catch (error) {
      if (!(error instanceof RotationError) || !isLabelRefusal(error)) throw error;
      const now = await this.#manager.describe(this.#secretId);
      if (versionWith(now, AWSCURRENT) !== this.#token) {
        throw new RotationError('labels-moved', {
          message: 'AWSCURRENT is no longer on the version that it was to be moved from',
          stage: AWSCURRENT,
          driverCode: error.driverCode,
        });
      }
      return now;
    }
  }

  /** Puts a label of our own on this rotation's version, from wherever it was. Succeeds if it is there. */
  async mark(label: string, description: SecretDescription): Promise<void> {
    try {
      await this.#manager.moveLabel(this.#secretId, label, versionWith(description, label), this.#token);
    } catch (error) {
      if (!(error instanceof RotationError) || !isLabelRefusal(error)) throw error;
      const now = await this.#manager.describe(this.#secretId);
      if (versionWith(now, label) !== this.#token) throw error;
    }
  }

  /** Takes AWSPENDING off this rotation's version, so that the next rotation starts afresh. Succeeds if it is off. */
  async removePending(): Promise<void> {
    try {
      await this.#manager.moveLabel(this.#secretId, AWSPENDING, this.#token, undefined);
    } catch (error) {
      if (!(error instanceof RotationError) || !isLabelRefusal(error)) throw error;
      const now = await this.#manager.describe(this.#secretId);
      if (now.labels.get(this.#token)?.includes(AWSPENDING)) throw error;
    }
  }

  noValue(): RotationError {
    return new RotationError('version-has-no-value', {
      message: 'the version of this rotation has no value',
      stage: AWSPENDING,
    });
  }

  async #readPending(): Promise<SecretVersion | undefined> {
    try {
      return await this.#manager.getValue(this.#secretId, { id: this.#token, label: AWSPENDING });
    } catch (error) {
      if (isStateRefusal(error)) return undefined;
      throw error;
    }
  }

  #checkedPending(version: SecretVersion): SecretVersion {
    this.#stateOf(version.labels.length === 0 ? [AWSPENDING] : version.labels);
    return version;
  }

  #stateOf(labels: readonly string[] | undefined): PendingState {
    if (labels === undefined) {
      throw new RotationError('version-not-found', {
        message: 'no version with a staging label has the id of the token',
      });
    }
    const [current, pending] = [labels.includes(AWSCURRENT), labels.includes(AWSPENDING)];
    if (pending) return current ? 'finished' : 'in-progress';
    if (current) {
      throw new RotationError('version-already-current', {
        message: 'the version of the token is AWSCURRENT and not AWSPENDING',
      });
    }
    throw new RotationError('version-not-pending', { message: 'the version of the token is not AWSPENDING' });
  }

  async #list(): Promise<readonly VersionListing[]> {
    try {
      return await this.#manager.listVersions(this.#secretId);
    } catch (error) {
      if (!hasCode(error, 'secrets-manager-denied')) throw error;
      // Roles made for AWS's functions lack this right. The versions with a label can be found all the same.
      const { labels } = await this.#manager.describe(this.#secretId);
      return [...labels].map(([versionId, on]) => ({ versionId, labels: on, createdAt: 0 }));
    }
  }

  /** Looks again, in growing pauses, until it is there or the time for it is over. */
  async #again(there: () => boolean, look: () => Promise<void>): Promise<void> {
    const end = performance.now() + this.#consistencyWaitMs;
    for (let pause = firstPauseMs; !there() && performance.now() + pause <= end; pause *= 2) {
      await this.#deadline.sleep(pause, 'wait until Secrets Manager shows what was just written');
      await look();
    }
  }
}

function versionWith(description: SecretDescription, label: string): string | undefined {
  for (const [versionId, labels] of description.labels) if (labels.includes(label)) return versionId;
  return undefined;
}

function refuseDisabled(description: SecretDescription): void {
  // Absent counts as on: the field is missing while the first rotation is being turned on.
  if (description.rotationEnabled === false) {
    throw new RotationError('rotation-disabled', { message: 'rotation is turned off for this secret' });
  }
}

function isLabelRefusal(error: RotationError): boolean {
  return error.driverCode === 'InvalidParameterException' || error.driverCode === 'InvalidRequestException';
}
