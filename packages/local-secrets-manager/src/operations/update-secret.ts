import * as v from 'valibot';
import { AWSCURRENT } from '../state/labels.ts';
import { invalidRequest } from '../wire/service-error.ts';
import { checkToken } from '../wire/validation.ts';
import {
  clientRequestToken,
  description,
  kmsKeyId,
  secretBinary,
  secretId,
  secretString,
  secretType,
} from './members.ts';
import { type Operation, operation } from './operation.ts';
import { ownChangeable, storeValue, tokenInUse, tokenMissing, valueIn } from './stored-value.ts';

const input = v.object({
  SecretId: secretId,
  ClientRequestToken: v.optional(clientRequestToken),
  Description: v.optional(description),
  KmsKeyId: v.optional(kmsKeyId),
  SecretBinary: v.optional(secretBinary),
  SecretString: v.optional(secretString),
  Type: v.optional(secretType),
});

/** Changes a secret's details and, where a value is given, stores it as a new AWSCURRENT version. */
export const updateSecret: Operation = operation({
  name: 'UpdateSecret',
  reads: false,
  input,
  run(context, { SecretId, ClientRequestToken: token, ...members }) {
    const secret = ownChangeable(context.store.find(SecretId));
    if (token === undefined) throw invalidRequest(tokenMissing);
    checkToken(token);
    const value = valueIn(members);
    // Unlike PutSecretValue, a repeat is an error here, the same data or not (the model's documentation).
    if (value !== undefined && secret.versions.has(token)) throw tokenInUse(token, secret);
    const described = {
      ...secret,
      changedAt: context.clock.now(),
      ...(members.Description === undefined ? {} : { description: members.Description }),
      ...(members.KmsKeyId === undefined ? {} : { kmsKeyId: members.KmsKeyId }),
      ...(members.Type === undefined ? {} : { type: members.Type }),
    };
    if (value === undefined) context.store.put(described);
    else storeValue(context, described, token, value, [AWSCURRENT]);
    return { ARN: secret.arn, Name: secret.name, VersionId: value === undefined ? undefined : token };
  },
});
