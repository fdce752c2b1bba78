import * as v from 'valibot';
import { secretId, tags } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { usable } from './stored-value.ts';
import { withTags } from './tag-rules.ts';

/** Adds tags; a key that the secret has already gets the new value. */
export const tagResource: Operation = operation({
  name: 'TagResource',
  reads: false,
  input: v.object({ SecretId: secretId, Tags: tags }),
  run(context, { SecretId, Tags }) {
    const secret = usable(context.store.find(SecretId));
    const next = withTags(secret.tags ?? [], Tags);
    context.store.put({ ...secret, changedAt: context.clock.now(), tags: next });
    return {};
  },
});
