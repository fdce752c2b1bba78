import { AWSCURRENT } from '../state/labels.ts';
import type { Secret, SecretValue } from '../state/secret.ts';
import { checkLabelCount, checkVersionCount, hasValue, pruned, withVersion } from '../state/versions.ts';
import { invalidParameter, invalidRequest, notFound, resourceExists } from '../wire/service-error.ts';
import type { OperationContext } from './operation.ts';

/** @throws ServiceError ResourceNotFoundException */
export function existing(secret: Secret | undefined): Secret {
  if (secret === undefined) throw notFound();
  return secret;
}

/** @throws ServiceError ResourceNotFoundException, or InvalidRequestException for a deleted secret */
export function usable(secret: Secret | undefined): Secret {
  const found = existing(secret);
  if (found.deletionAt !== undefined) {
    throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
  }
  return found;
}

/**
 * A secret whose value and labels its owner may change.
 * @throws ServiceError as {@link usable} does, and InvalidRequestException for one that a service manages
 */
export function ownChangeable(secret: Secret | undefined): Secret {
  const found = usable(secret);
  if (found.owningService !== undefined) throw managedByService();
  return found;
}

/** The error for a secret that only the service that made it may change (the model's documentation). */
export function managedByService(): Error {
  return invalidRequest('The secret is managed by another service, and you must use that service to update it.');
}

export const tokenMissing = 'You must provide a ClientRequestToken value. We recommend a UUID-type value.';

interface ValueMembers {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: string | undefined;
}

/** The value that a call carries, if any. */
export function valueIn(input: ValueMembers): SecretValue | undefined {
  if (input.SecretString !== undefined && input.SecretBinary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (input.SecretString !== undefined) return { string: input.SecretString };
  return input.SecretBinary === undefined ? undefined : { base64: input.SecretBinary };
}

/** The error for a token that another version of the secret has already. */
export function tokenInUse(token: string, secret: Secret): Error {
  return resourceExists(
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`,
  );
}

/**
 * Stores a value as a new version, or in the placeholder of a rotation, and moves the labels to it.
 * @param labels the first version with a value gets AWSCURRENT besides, unless it is a rotation's placeholder
 */
export function storeValue(
  context: OperationContext,
  secret: Secret,
  token: string,
  value: SecretValue,
  labels: readonly string[],
): Secret {
  const now = context.clock.now();
  const isNew = !secret.versions.has(token);
  // Not for a placeholder: RotateSecret has made that version already, so it is not the first (fact 6).
  const given = isNew && !hasValue(secret) && !labels.includes(AWSCURRENT) ? [AWSCURRENT, ...labels] : labels;
  const labelled = context.labels.put(withVersion(secret.versions, token, value, now), token, given);
  checkLabelCount(labelled);
  const versions = pruned(labelled, now);
  checkVersionCount(versions);
  const { rotation } = secret;
  const next: Secret = {
    ...secret,
    changedAt: now,
    versions,
    ...(rotation === undefined || !given.includes(AWSCURRENT) ? {} : { rotation: { ...rotation, countedFrom: now } }),
  };
  context.store.put(next);
  if (isNew) context.rotations.versionCreated(secret.arn, token);
  return context.store.find(secret.arn) ?? next;
}
