import * as v from 'valibot';
import { findings } from '../policies/policy-checks.ts';
import { parsePolicy } from '../policies/policy-document.ts';
import { resourcePolicy, secretId } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { usable } from './stored-value.ts';

/** Tells what PutResourcePolicy would warn of, for a secret or for none. What is no policy at all is an error. */
export const validateResourcePolicy: Operation = operation({
  name: 'ValidateResourcePolicy',
  reads: true,
  input: v.object({ SecretId: v.optional(secretId), ResourcePolicy: resourcePolicy }),
  run(context, { SecretId, ResourcePolicy }) {
    if (SecretId !== undefined) usable(context.reader.find(SecretId));
    const found = findings(parsePolicy(ResourcePolicy));
    return {
      PolicyValidationPassed: found.length === 0,
      ValidationErrors: found.map(({ check, message }) => ({ CheckName: check, ErrorMessage: message })),
    };
  },
});
