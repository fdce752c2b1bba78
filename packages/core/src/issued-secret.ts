import type { CredentialKeys, CredentialOwner, IssuedCredential } from './credential-issuer.ts';
import { RotationError } from './errors.ts';
import { Password } from './password.ts';
import type { Rotation } from './rotation.ts';
import { parseSecretText } from './secret-text.ts';
import type { SecretVersion } from './secrets-manager.ts';

/** A version's credential, and the user that the version says it is of. */
export interface IssuedSecret extends IssuedCredential {
  readonly user: string | undefined;
}

/**
 * Reads one version's credential; from here on its secret is masked in every log line.
 * @throws RotationError `secret-not-json` or `invalid-secret`, naming every wrong key, with the version's label
 */
export function readIssuedSecret(
  version: SecretVersion,
  keys: CredentialKeys,
  { redactor }: Rotation,
  label: string,
): IssuedSecret {
  try {
    const values = parseSecretText(version.text);
    // First of all: whatever is wrong with the other keys, this value must stand in no line.
    const secret = values[keys.secret];
    if (typeof secret === 'string') redactor.protect(secret);
    return checked(values, keys);
  } catch (error) {
    throw error instanceof RotationError ? error.with({ stage: label }) : error;
  }
}

/** @throws RotationError `user-mismatch` if the version names another user than the service does */
export function checkNamedUser(named: IssuedSecret, owner: CredentialOwner, keys: CredentialKeys, label: string): void {
  if (named.user === undefined || named.user === owner.user) return;
  throw new RotationError('user-mismatch', {
    message: `the credential belongs to another user than the key ${keys.user} says`,
    user: owner.user,
    stage: label,
    remedy: `Correct the key ${keys.user} or the credential with PutSecretValue, or remove that key, then rotate again.`,
  });
}

function checked(values: Record<string, unknown>, keys: CredentialKeys): IssuedSecret {
  const { [keys.id]: id, [keys.secret]: secret, [keys.user]: user } = values;
  const faults = [
    ...faultsOf(keys.id, id),
    ...faultsOf(keys.secret, secret),
    ...(user === undefined ? [] : faultsOf(keys.user, user)),
  ];
  if (faults.length === 0 && !keys.idPattern.test(id as string)) faults.push(`${keys.id} is no id of a credential`);
  if (faults.length > 0) {
    throw new RotationError('invalid-secret', { message: `the secret has wrong keys: ${faults.join(', ')}` });
  }
  return { id: id as string, secret: new Password(secret as string), user: user as string | undefined };
}

function faultsOf(key: string, value: unknown): string[] {
  if (value === undefined) return [`${key} is missing`];
  if (typeof value !== 'string') return [`${key} is not a string`];
  return value === '' ? [`${key} is empty`] : [];
}
