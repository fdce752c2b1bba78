import * as v from 'valibot';
import { findings } from '../policies/policy-checks.ts';
import { parsePolicy } from '../policies/policy-document.ts';
import { invalidRequest, publicPolicy } from '../wire/service-error.ts';
import { resourcePolicy, secretId } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { usable } from './stored-value.ts';

const input = v.object({
  SecretId: secretId,
  ResourcePolicy: resourcePolicy,
  BlockPublicPolicy: v.optional(v.boolean()),
});

/** Stores a resource policy, in place of another. It is checked and kept; callers have no identity here to hold it against. */
export const putResourcePolicy: Operation = operation({
  name: 'PutResourcePolicy',
  reads: false,
  input,
  run(context, { SecretId, ResourcePolicy: policy, BlockPublicPolicy = false }) {
    const secret = usable(context.store.find(SecretId));
    for (const { check, message } of findings(parsePolicy(policy))) {
      if (check === 'LOCKOUT') throw invalidRequest(message);
      if (BlockPublicPolicy) {
        throw publicPolicy("You can't attach a resource-based policy that allows broad access to the secret.");
      }
    }
    context.store.put({ ...secret, changedAt: context.clock.now(), policy });
    return { ARN: secret.arn, Name: secret.name };
  },
});
