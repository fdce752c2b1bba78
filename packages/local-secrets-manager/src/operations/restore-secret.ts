import * as v from 'valibot';
import { secretId } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { existing } from './stored-value.ts';

/** Takes a deletion back while its recovery window lasts. Succeeds if the secret was not deleted. */
export const restoreSecret: Operation = operation({
  name: 'RestoreSecret',
  reads: false,
  input: v.object({ SecretId: secretId }),
  run(context, { SecretId }) {
    const secret = existing(context.store.find(SecretId));
    const { deletionAt, ...kept } = secret;
    if (deletionAt !== undefined) context.store.put({ ...kept, changedAt: context.clock.now() });
    return { ARN: secret.arn, Name: secret.name };
  },
});
