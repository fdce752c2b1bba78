import type { Secret, SecretValue, Version } from '../state/secret.ts';

/** A version without its value, which has a record of its own: values are large and never change. */
type StoredVersion = Omit<Version, 'value'> & { readonly filled: boolean };
type StoredSecret = Omit<Secret, 'versions'> & { readonly versions: readonly StoredVersion[] };

/** What a log is made of. `mark` ends the part that a compaction has written. */
type LogRecord =
  | { readonly kind: 'value'; readonly arn: string; readonly id: string; readonly value: SecretValue }
  | { readonly kind: 'secret'; readonly secret: StoredSecret }
  | { readonly kind: 'removed'; readonly arn: string }
  | { readonly kind: 'mark' };

/** Turns states of secrets into records, each value once. One for each file. */
export class RecordWriter {
  readonly #written = new Map<string, Map<string, SecretValue>>();

  /** The records of a secret's state; `undefined` where it is gone. */
  recordsOf(arn: string, secret: Secret | undefined): LogRecord[] {
    if (secret === undefined) {
      this.#written.delete(arn);
      return [{ kind: 'removed', arn }];
    }
    const before = this.#written.get(arn);
    const values = new Map<string, SecretValue>();
    const records: LogRecord[] = [];
    for (const { id, value } of secret.versions.values()) {
      if (value === undefined) continue;
      values.set(id, value);
      // A version may have gone and come again under the same id with another value.
      if (before?.get(id) !== value) records.push({ kind: 'value', arn, id, value });
    }
    this.#written.set(arn, values);
    const versions = [...secret.versions.values()].map(({ value, ...rest }) => ({
      ...rest,
      filled: value !== undefined,
    }));
    return [...records, { kind: 'secret', secret: { ...secret, versions } }];
  }

  /** Takes over what a file that was read holds already. */
  restored(secrets: Iterable<Secret>): void {
    for (const secret of secrets) this.recordsOf(secret.arn, secret);
  }
}

/** The record that ends a compacted part. */
export const mark: LogRecord = { kind: 'mark' };

/** The text of one frame. */
export function encode(records: readonly LogRecord[]): Buffer {
  return Buffer.from(JSON.stringify(records));
}

/** The state that a log's frames lead to, and how many frames the compacted part has. */
export function replay(texts: readonly Buffer[]): { secrets: Map<string, Secret>; compacted: number } {
  const secrets = new Map<string, Secret>();
  const values = new Map<string, Map<string, SecretValue>>();
  let compacted = 0;
  for (const [index, text] of texts.entries()) {
    for (const record of JSON.parse(text.toString()) as LogRecord[]) {
      switch (record.kind) {
        case 'value':
          values.set(record.arn, (values.get(record.arn) ?? new Map()).set(record.id, record.value));
          break;
        case 'secret': {
          const secret = withValues(record.secret, values.get(record.secret.arn) ?? new Map());
          secrets.set(secret.arn, secret);
          break;
        }
        case 'removed':
          secrets.delete(record.arn);
          values.delete(record.arn);
          break;
        case 'mark':
          compacted = index + 1;
      }
    }
  }
  return { secrets, compacted };
}

// Values of versions that have gone are forgotten with them.
function withValues({ versions, ...secret }: StoredSecret, values: Map<string, SecretValue>): Secret {
  const present = new Set(versions.map(({ id }) => id));
  for (const id of values.keys()) if (!present.has(id)) values.delete(id);
  return {
    ...secret,
    versions: new Map(
      versions.map(({ filled, ...version }) => {
        const value = filled ? values.get(version.id) : undefined;
        return [version.id, { ...version, ...(value === undefined ? {} : { value }) }];
      }),
    ),
  };
}
