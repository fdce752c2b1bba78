import * as v from 'valibot';
import { AWSCURRENT } from '../state/labels.ts';
import type { Secret, SecretValue } from '../state/secret.ts';
import { sameValue } from '../state/secret.ts';
import { arnSuffix, checkName } from '../state/secret-id.ts';
import { invalidParameter, invalidRequest, resourceExists } from '../wire/service-error.ts';
import { checkToken } from '../wire/validation.ts';
import {
  clientRequestToken,
  description,
  kmsKeyId,
  replicaRegions,
  secretBinary,
  secretString,
  secretType,
  tags,
  text,
} from './members.ts';
import { type Operation, operation } from './operation.ts';
import { storeValue, tokenMissing, valueIn } from './stored-value.ts';
import { withTags } from './tag-rules.ts';

const input = v.object({
  Name: text(1, 512),
  ClientRequestToken: v.optional(clientRequestToken),
  Description: v.optional(description),
  KmsKeyId: v.optional(kmsKeyId),
  SecretBinary: v.optional(secretBinary),
  SecretString: v.optional(secretString),
  Tags: v.optional(tags),
  AddReplicaRegions: v.optional(replicaRegions),
  ForceOverwriteReplicaSecret: v.optional(v.boolean()),
  Type: v.optional(secretType),
});

/** Makes a secret, with a first version labelled AWSCURRENT where a value is given. */
export const createSecret: Operation = operation({
  name: 'CreateSecret',
  reads: false,
  input,
  run(context, { Name: name, ClientRequestToken: token, ...members }) {
    checkName(name);
    if (token === undefined) throw invalidRequest(tokenMissing);
    checkToken(token);
    if (members.AddReplicaRegions !== undefined) {
      throw invalidParameter('Replication is not available in the local Secrets Manager.');
    }
    const value = valueIn(members);
    const present = context.store.find(name);
    if (present !== undefined) return repeated(present, token, value);
    const now = context.clock.now();
    const secret: Secret = {
      arn: `${context.arnPrefix}${name}${arnSuffix()}`,
      name,
      createdWith: token,
      createdAt: now,
      changedAt: now,
      ...(members.Description === undefined ? {} : { description: members.Description }),
      ...(members.KmsKeyId === undefined ? {} : { kmsKeyId: members.KmsKeyId }),
      ...(members.Type === undefined ? {} : { type: members.Type }),
      ...(members.Tags === undefined ? {} : { tags: withTags([], members.Tags) }),
      versions: new Map(),
    };
    if (value === undefined) context.store.put(secret);
    else storeValue(context, secret, token, value, [AWSCURRENT]);
    return answer(secret, value === undefined ? undefined : token);
  },
});

// The SDK repeats a call whose answer got lost; the token says that it is the same call.
function repeated(present: Secret, token: string, value: SecretValue | undefined): Record<string, unknown> {
  if (present.deletionAt !== undefined) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const first = present.versions.get(token)?.value;
  const same = value === undefined ? first === undefined : first !== undefined && sameValue(first, value);
  if (present.createdWith === token && same) return answer(present, value === undefined ? undefined : token);
  throw resourceExists(`The operation failed because the secret ${present.name} already exists.`);
}

function answer(secret: Secret, versionId: string | undefined): Record<string, unknown> {
  return { ARN: secret.arn, Name: secret.name, VersionId: versionId };
}
