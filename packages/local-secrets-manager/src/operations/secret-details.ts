import type { RotationRules } from '@keyturn/rotation-schedule';
import { nextWindow } from '../rotation/scheduler.ts';
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
    KmsKeyId: ownKmsKey(secret),
    ...(rotation === undefined ? {} : rotationDetails(rotation)),
    ...(secret.owningService === undefined ? {} : managedDetails(secret.owningService)),
    LastChangedDate: seconds(secret.changedAt),
    LastAccessedDate: optionalSeconds(secret.accessedDay),
    DeletedDate: optionalSeconds(secret.deletionAt),
    Tags: secret.tags?.length === 0 ? undefined : secret.tags,
    CreatedDate: seconds(secret.createdAt),
  };
}

/** The customer's key; absent where the service's own encrypts the secret. */
export function ownKmsKey({ kmsKeyId }: Secret): string | undefined {
  return kmsKeyId === '' || kmsKeyId === 'alias/aws/secretsmanager' ? undefined : kmsKeyId;
}

/** The labelled versions; absent where there is none, for the others are deprecated (facts 6 and 7). */
export function versionsToStages(secret: Secret): Record<string, readonly string[]> | undefined {
  const labelled = [...secret.versions.values()].filter((version) => version.labels.length > 0);
  if (labelled.length === 0) return undefined;
  return Object.fromEntries(labelled.map((version) => [version.id, version.labels]));
}

// Its service rotates it every seven days, without a function (recorded for a master secret of RDS).
function managedDetails(owningService: string): Record<string, unknown> {
  return { OwningService: owningService, RotationEnabled: true, RotationRules: { AutomaticallyAfterDays: 7 } };
}

function rotationDetails(rotation: Rotation): Record<string, unknown> {
  return {
    RotationEnabled: rotation.enabled,
    RotationLambdaARN: rotation.functionArn,
    RotationRules: rulesDetails(rotation),
    LastRotatedDate: rotation.enabled ? optionalSeconds(rotation.lastRotatedAt) : undefined,
    NextRotationDate: rotation.enabled ? nextRotationDate(rotation) : undefined,
  };
}

// A latest bound: the last second of the window; it stays where it was after a failure (fact 28).
function nextRotationDate(rotation: Rotation): number | undefined {
  const window = nextWindow(rotation);
  return window === undefined ? undefined : seconds(window.closesAt - 1000);
}

// The days are told for an expression, too, once it has rotated the secret (the model's documentation).
function rulesDetails(rotation: Rotation): RotationRules | undefined {
  const { rules, lastRotatedAt } = rotation;
  if (rules?.ScheduleExpression === undefined || lastRotatedAt === undefined) return rules;
  const window = nextWindow({ ...rotation, enabled: true }, lastRotatedAt);
  if (window === undefined) return rules;
  const days = Math.round((dayOf(window.opensAt) - dayOf(lastRotatedAt)) / daysLater(0, 1));
  return { ...rules, AutomaticallyAfterDays: Math.max(1, days) };
}

function optionalSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : seconds(ms);
}
