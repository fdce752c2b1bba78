import { labelsOf } from './labels.ts';
import type { Secret } from './secret.ts';
import { parseSecretId } from './secret-id.ts';

/** Looks secrets up, in the state of now or in an older one. */
export interface SecretReader {
  /** By name, ARN or partial ARN. */
  find(secretId: string): Secret | undefined;
  all(): Iterable<Secret>;
}

/** A change of staging labels, each label with the version that carries it. */
export interface LabelChange {
  readonly arn: string;
  readonly before: Record<string, string>;
  readonly labels: Record<string, string>;
}

interface Previous {
  /** Absent: the secret did not exist. */
  readonly secret: Secret | undefined;
  readonly writtenAt: number;
}

/** All secrets. The one place that holds state: every write goes through {@link SecretStore.put}. */
export class SecretStore implements SecretReader {
  readonly #secrets = new Map<string, Secret>();
  readonly #arnByName = new Map<string, string>();
  readonly #previous = new Map<string, Previous>();
  readonly #prefix: string;
  readonly #now: () => number;
  readonly #onLabels: (change: LabelChange) => void;

  /**
   * @param prefix the ARN of this Region and account up to the name
   * @param now milliseconds since 1970
   * @param onLabels hears of each change of staging labels, after it
   */
  constructor(prefix: string, now: () => number, onLabels: (change: LabelChange) => void) {
    this.#prefix = prefix;
    this.#now = now;
    this.#onLabels = onLabels;
  }

  find(secretId: string): Secret | undefined {
    const secret = this.#lookUp(secretId, (arn) => this.#secrets.get(arn));
    if (secret?.deletionAt === undefined || secret.deletionAt > this.#now()) return secret;
    this.remove(secret);
    return undefined;
  }

  *all(): Iterable<Secret> {
    for (const arn of [...this.#secrets.keys()]) {
      const secret = this.find(arn);
      if (secret !== undefined) yield secret;
    }
  }

  /** Stores the next state of a secret. The one before stays readable through {@link SecretStore.stale}. */
  put(secret: Secret): void {
    const before = this.#secrets.get(secret.arn);
    this.#keepPrevious(secret.arn, before);
    this.#secrets.set(secret.arn, secret);
    this.#arnByName.set(secret.name, secret.arn);
    const change = {
      arn: secret.arn,
      before: labelsOf(before?.versions ?? new Map()),
      labels: labelsOf(secret.versions),
    };
    if (!sameLabels(change.before, change.labels)) this.#onLabels(change);
  }

  /** Stores when a secret was last read. Not a write: what stale reads see stays the same. */
  touch(secret: Secret): void {
    if (this.#secrets.has(secret.arn)) this.#secrets.set(secret.arn, secret);
  }

  /** Deletes a secret for good. Succeeds if it is gone already. */
  remove(secret: Secret): void {
    const before = this.#secrets.get(secret.arn);
    if (before === undefined) return;
    this.#keepPrevious(secret.arn, before);
    this.#secrets.delete(secret.arn);
    if (this.#arnByName.get(secret.name) === secret.arn) this.#arnByName.delete(secret.name);
  }

  /**
   * The state before the last write of each secret, as an eventually consistent read may see it (fact 15).
   * @param withinMs only writes younger than this are hidden @default - every secret's last write
   */
  stale(withinMs?: number): SecretReader {
    const read = (arn: string): Secret | undefined => {
      const previous = this.#previous.get(arn);
      const hidden = previous !== undefined && (withinMs === undefined || this.#now() - previous.writtenAt < withinMs);
      return hidden ? previous.secret : this.#secrets.get(arn);
    };
    const arns = new Set([...this.#secrets.keys(), ...this.#previous.keys()]);
    return {
      find: (secretId) => this.#lookUp(secretId, read),
      all: () => [...arns].map(read).filter((secret) => secret !== undefined),
    };
  }

  #lookUp(secretId: string, read: (arn: string) => Secret | undefined): Secret | undefined {
    const reference = parseSecretId(secretId, this.#prefix);
    const arn = 'arn' in reference ? reference.arn : this.#arnByName.get(reference.name);
    return arn === undefined ? undefined : read(arn);
  }

  #keepPrevious(arn: string, secret: Secret | undefined): void {
    this.#previous.set(arn, { secret, writtenAt: this.#now() });
  }
}

function sameLabels(a: Record<string, string>, b: Record<string, string>): boolean {
  const labels = Object.keys(a);
  return labels.length === Object.keys(b).length && labels.every((label) => a[label] === b[label]);
}
