import type { Rotation, Secret } from '../state/secret.ts';
import { dayOf, daysLater, seconds } from '../wire/timestamps.ts';

/** What DescribeSecret and ListSecrets tell of a secret: only members with a value (fact 10). */
export function secretDetails(secret: Secret): Record<string, unknown> {
  const { rotation } = secret;
  return {
    ARN: secret.arn,
    Name: secret.name,
    Type: secret.type,
    Description: secret.description === '' ? undefined : secret.description,
    KmsKeyId: secret.kmsKeyId,
    ...(rotation === undefined ? {} : rotationDetails(rotation)),
    LastChangedDate: seconds(secret.changedAt),
    LastAccessedDate: optionalSeconds(secret.accessedDay),
    DeletedDate: optionalSeconds(secret.deletionAt),
    Tags: secret.tags,
    CreatedDate: seconds(secret.createdAt),
  };
}

/** The labelled versions; absent where there is none, for the others are deprecated (facts 6 and 7). */
export function versionsToStages(secret: Secret): Record<string, readonly string[]> | undefined {
  const labelled = [...secret.versions.values()].filter((version) => version.labels.length > 0);
  if (labelled.length === 0) return undefined;
  return Object.fromEntries(labelled.map((version) => [version.id, version.labels]));
}

function rotationDetails(rotation: Rotation): Record<string, unknown> {
  return {
    RotationEnabled: rotation.enabled,
    RotationLambdaARN: rotation.functionArn,
    RotationRules: rotation.rules,
    LastRotatedDate: rotation.enabled ? optionalSeconds(rotation.lastRotatedAt) : undefined,
    NextRotationDate: rotation.enabled ? nextRotationDate(rotation) : undefined,
  };
}

// A latest bound: the end of the day on which the days are over (fact 28).
function nextRotationDate(rotation: Rotation): number | undefined {
  const days = rotation.rules?.AutomaticallyAfterDays;
  return days === undefined ? undefined : seconds(daysLater(dayOf(rotation.countedFrom), days + 1) - 1000);
}

function optionalSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : seconds(ms);
}
