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

/** Hears of each change of a secret, at once; `undefined` where it is gone. A `note` is what no call has asked for. */
export type ChangeListener = (arn: string, secret: Secret | undefined, kind: 'write' | 'note') => void;

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
  readonly #listeners = new Set<ChangeListener>();
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
    return this.#unlessOver(this.#lookUp(secretId, (arn) => this.#secrets.get(arn)));
  }

  *all(): Iterable<Secret> {
    for (const each of [...this.#secrets.values()]) {
      const secret = this.#unlessOver(each);
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
    this.#tell(secret.arn, secret, 'write');
  }

  /** Hears of every further change. */
  subscribe(listener: ChangeListener): void {
    this.#listeners.add(listener);
  }

  /** Takes a secret in as it was stored before. Nobody hears of it. */
  restore(secret: Secret): void {
    this.#secrets.set(secret.arn, secret);
    this.#arnByName.set(secret.name, secret.arn);
  }

  /** Stores what no call has asked for, such as when it was last read. Not a write: stale reads see the same as before. */
  touch(secret: Secret): void {
    if (!this.#secrets.has(secret.arn)) return;
    this.#secrets.set(secret.arn, secret);
    this.#tell(secret.arn, secret, 'note');
  }

  /** Deletes a secret for good. Succeeds if it is gone already. */
  remove(secret: Secret): void {
    const before = this.#secrets.get(secret.arn);
    if (before === undefined) return;
    this.#keepPrevious(secret.arn, before);
    this.#secrets.delete(secret.arn);
    if (this.#arnByName.get(secret.name) === secret.arn) this.#arnByName.delete(secret.name);
    this.#tell(secret.arn, undefined, 'write');
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

  // A deleted secret goes for good when someone looks for it after its recovery window.
  #unlessOver(secret: Secret | undefined): Secret | undefined {
    if (secret?.deletionAt === undefined || secret.deletionAt > this.#now()) return secret;
    this.remove(secret);
    return undefined;
  }

  #lookUp(secretId: string, read: (arn: string) => Secret | undefined): Secret | undefined {
    const reference = parseSecretId(secretId, this.#prefix);
    const arn = 'arn' in reference ? reference.arn : this.#arnByName.get(reference.name);
    return arn === undefined ? undefined : read(arn);
  }

  #tell(arn: string, secret: Secret | undefined, kind: 'write' | 'note'): void {
    for (const listener of this.#listeners) listener(arn, secret, kind);
  }

  #keepPrevious(arn: string, secret: Secret | undefined): void {
    this.#previous.set(arn, { secret, writtenAt: this.#now() });
  }
}

function sameLabels(a: Record<string, string>, b: Record<string, string>): boolean {
  const labels = Object.keys(a);
  return labels.length === Object.keys(b).length && labels.every((label) => a[label] === b[label]);
}
