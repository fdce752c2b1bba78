import * as v from 'valibot';
import { AWSCURRENT } from '../state/labels.ts';
import type { Secret } from '../state/secret.ts';
import { sameValue } from '../state/secret.ts';
import { invalidRequest } from '../wire/service-error.ts';
import { checkToken } from '../wire/validation.ts';
import { clientRequestToken, rotationToken, secretBinary, secretId, secretString, versionStages } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { ownChangeable, storeValue, tokenInUse, tokenMissing, valueIn } from './stored-value.ts';

const input = v.object({
  SecretId: secretId,
  ClientRequestToken: v.optional(clientRequestToken),
  SecretBinary: v.optional(secretBinary),
  SecretString: v.optional(secretString),
  VersionStages: v.optional(versionStages),
  RotationToken: v.optional(rotationToken),
});

/** Stores a value. The same token with the same data changes nothing; with other data it fails (fact 8). */
export const putSecretValue: Operation = operation({
  name: 'PutSecretValue',
  reads: false,
  input,
  run(context, { SecretId, ClientRequestToken: token, VersionStages: labels = [AWSCURRENT], ...members }) {
    const secret = ownChangeable(context.store.find(SecretId));
    if (token === undefined) throw invalidRequest(tokenMissing);
    checkToken(token);
    const value = valueIn(members);
    if (value === undefined) throw invalidRequest('You must provide either SecretString or SecretBinary.');
    const present = secret.versions.get(token)?.value;
    if (present === undefined) return answer(storeValue(context, secret, token, value, labels), token);
    if (!sameValue(present, value)) throw tokenInUse(token, secret);
    return answer(secret, token);
  },
});

function answer(secret: Secret, token: string): Record<string, unknown> {
  const labels = secret.versions.get(token)?.labels ?? [];
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: token,
    VersionStages: labels.length === 0 ? undefined : labels,
  };
}
