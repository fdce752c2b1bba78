import { type DatabaseSecret, parseDatabaseSecret } from './database-secret.ts';
import type { SecretRules } from './engine.ts';
import { RotationError } from './errors.ts';
import type { Rotation } from './rotation.ts';
import type { SecretVersion } from './secrets-manager.ts';

/**
 * Reads one version's database credential; from here on its password is masked in every log line.
 * @throws RotationError `secret-not-json` or `invalid-secret`, with the version's label
 */
export function readSecret(
  version: SecretVersion,
  rules: SecretRules,
  rotation: Rotation,
  label: string,
): DatabaseSecret {
  try {
    const secret = parseDatabaseSecret(version.text, rules);
    rotation.redactor.protect(secret.password.reveal());
    return secret;
  } catch (error) {
    throw error instanceof RotationError ? error.with({ stage: label }) : error;
  }
}
