import * as v from 'valibot';
import { AWSCURRENT, holderOf } from '../state/labels.ts';
import type { Secret, Version } from '../state/secret.ts';
import { invalidRequest, notFound } from '../wire/service-error.ts';
import { dayOf, seconds } from '../wire/timestamps.ts';
import { secretId, versionId, versionStage } from './members.ts';
import { type Operation, type OperationContext, operation } from './operation.ts';
import { usable } from './stored-value.ts';

const input = v.object({
  SecretId: secretId,
  VersionId: v.optional(versionId),
  VersionStage: v.optional(versionStage),
});

/** Reads a value: AWSCURRENT's unless a version, a label or both are named (facts 11 to 13). */
export const getSecretValue: Operation = operation({
  name: 'GetSecretValue',
  reads: true,
  input,
  run: (context, { SecretId, VersionId, VersionStage }) => readValue(context, SecretId, VersionId, VersionStage),
});

/** Reads one value, as GetSecretValue answers it, and notes the access. @throws ServiceError */
export function readValue(
  context: OperationContext,
  id: string,
  versionId: string | undefined,
  label: string | undefined,
): Record<string, unknown> {
  const secret = usable(context.reader.find(id));
  const version = versionOf(secret, versionId, label);
  recordAccess(context, secret.arn, version.id);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...(version.value === undefined
      ? {}
      : 'string' in version.value
        ? { SecretString: version.value.string }
        : { SecretBinary: version.value.base64 }),
    VersionStages: version.labels.length === 0 ? undefined : version.labels,
    CreatedDate: seconds(version.createdAt),
  };
}

function versionOf(secret: Secret, id: string | undefined, label: string | undefined): Version {
  if (id === undefined) {
    const stage = label ?? AWSCURRENT;
    const version = secret.versions.get(holderOf(secret.versions, stage) ?? '');
    if (version?.value !== undefined) return version;
    throw notFound(`Secrets Manager can't find the specified secret value for staging label: ${stage}`);
  }
  const version = secret.versions.get(id);
  // A rotation's placeholder exists but has no value yet (fact 13).
  if (version?.value === undefined) {
    throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${id}`);
  }
  if (label !== undefined && !version.labels.includes(label)) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  }
  return version;
}

function recordAccess(context: OperationContext, arn: string, id: string): void {
  const secret = context.store.find(arn);
  const version = secret?.versions.get(id);
  const accessedDay = dayOf(context.clock.now());
  if (secret === undefined || version === undefined) return;
  if (secret.accessedDay === accessedDay && version.accessedDay === accessedDay) return;
  const versions = new Map([...secret.versions, [id, { ...version, accessedDay }]]);
  context.store.touch({ ...secret, accessedDay, versions });
}
