import * as v from 'valibot';
import { secretId } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { usable } from './stored-value.ts';

/** Takes the resource policy away. Succeeds if there is none. */
export const deleteResourcePolicy: Operation = operation({
  name: 'DeleteResourcePolicy',
  reads: false,
  input: v.object({ SecretId: secretId }),
  run(context, { SecretId }) {
    const { policy, ...secret } = usable(context.store.find(SecretId));
    if (policy !== undefined) context.store.put({ ...secret, changedAt: context.clock.now() });
    return { ARN: secret.arn, Name: secret.name };
  },
});
