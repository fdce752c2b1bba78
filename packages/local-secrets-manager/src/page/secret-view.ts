import { secretDetails } from '../operations/secret-details.ts';
import type { Secret } from '../state/secret.ts';
import type { RotationView, SecretView } from './page-wire.ts';

/** What the page may know of a secret: everything but its values. */
export function secretView(secret: Secret): SecretView {
  const { arn, name, description, deletionAt, versions } = secret;
  const rotation = rotationView(secret);
  return {
    arn,
    name,
    ...(description === undefined ? {} : { description }),
    ...(deletionAt === undefined ? {} : { deletionAt }),
    ...(rotation === undefined ? {} : { rotation }),
    versions: [...versions.values()]
      .map(({ id, createdAt, labels, value }) => ({ id, createdAt, labels, hasValue: value !== undefined }))
      .reverse(),
  };
}

function rotationView(secret: Secret): RotationView | undefined {
  if (secret.rotation === undefined) return undefined;
  const { enabled, functionArn, incomplete, lastRotatedAt } = secret.rotation;
  const { NextRotationDate: next } = secretDetails(secret);
  return {
    enabled,
    functionArn,
    ...(incomplete === undefined ? {} : { incomplete }),
    ...(lastRotatedAt === undefined ? {} : { lastRotatedAt }),
    ...(typeof next === 'number' ? { nextRotationAt: next * 1000 } : {}),
  };
}
