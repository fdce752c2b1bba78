import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Deadline } from '../deadline.ts';
import type { Redactor } from '../redact.ts';
import { SecretsManager, type SecretVersion } from '../secrets-manager.ts';
import { secretValues } from './secret-values.ts';

/**
 * Masks what it reads and stores: for steps that somebody overrides, whose code no strategy stands before. What is
 * under a rotated key, or one whose name says that it is secret, never stands in output from then on.
 */
export class ProtectingManager extends SecretsManager {
  readonly #redactor: Redactor;
  readonly #rotatedKeys: readonly string[];

  constructor(
    client: SecretsManagerClient,
    deadline: Deadline,
    { redactor, rotatedKeys }: { readonly redactor: Redactor; readonly rotatedKeys: readonly string[] },
  ) {
    super(client, deadline);
    this.#redactor = redactor;
    this.#rotatedKeys = rotatedKeys;
  }

  override async getValue(secretId: string, version: { id?: string; label?: string }): Promise<SecretVersion> {
    const read = await super.getValue(secretId, version);
    this.#protect(read.text);
    return read;
  }

  override async putValue(secretId: string, value: Parameters<SecretsManager['putValue']>[1]): Promise<void> {
    this.#protect(value.text);
    await super.putValue(secretId, value);
  }

  override async randomPassword(request: Parameters<SecretsManager['randomPassword']>[0]): Promise<string> {
    const made = await super.randomPassword(request);
    this.#redactor.protect(made);
    return made;
  }

  #protect(text: string | undefined): void {
    for (const value of text === undefined ? [] : valuesOf(text, this.#rotatedKeys)) this.#redactor.protect(value);
  }
}

function valuesOf(text: string, rotatedKeys: readonly string[]): readonly string[] {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    // A secret that is plain text is secret as a whole.
    return [text];
  }
  return typeof values === 'object' ? secretValues(values, rotatedKeys) : [text];
}
