import * as v from 'valibot';
import { AWSCURRENT, holderOf } from '../state/labels.ts';
import type { Secret } from '../state/secret.ts';
import { checkLabelCount } from '../state/versions.ts';
import { invalidParameter, notFound } from '../wire/service-error.ts';
import { secretId, versionId, versionStage } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { ownChangeable } from './stored-value.ts';

const input = v.object({
  SecretId: secretId,
  VersionStage: versionStage,
  RemoveFromVersionId: v.optional(versionId),
  MoveToVersionId: v.optional(versionId),
});

/** Moves a staging label, or takes it off; where it is now must be named (facts 1 to 4). */
export const updateSecretVersionStage: Operation = operation({
  name: 'UpdateSecretVersionStage',
  reads: false,
  input,
  run(context, { SecretId, VersionStage: label, RemoveFromVersionId: from, MoveToVersionId: to }) {
    const secret = ownChangeable(context.store.find(SecretId));
    checkMove(secret, label, from, to);
    const versions = context.labels.move(secret.versions, label, to);
    checkLabelCount(versions);
    context.store.put({ ...secret, changedAt: context.clock.now(), versions });
    return { ARN: secret.arn, Name: secret.name };
  },
});

function checkMove(secret: Secret, label: string, from: string | undefined, to: string | undefined): void {
  if (from === undefined && to === undefined) {
    throw invalidParameter('You must specify RemoveFromVersionId, MoveToVersionId, or both.');
  }
  for (const id of [from, to]) {
    if (id !== undefined && !secret.versions.has(id)) {
      throw notFound(`Secrets Manager can't find the specified secret version: ${id}`);
    }
  }
  const holder = holderOf(secret.versions, label);
  if (from === undefined && holder !== undefined && holder !== to) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (from !== undefined && from !== holder) {
    throw invalidParameter(
      `Staging label ${label} is not attached to version ${from}, which RemoveFromVersionId names.`,
    );
  }
  if (to === undefined && label === AWSCURRENT) {
    throw invalidParameter(
      `You can only move staging label ${AWSCURRENT} to a different secret version. It can’t be completely removed.`,
    );
  }
}
