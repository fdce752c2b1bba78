import * as v from 'valibot';
import { secretId, tagKey } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { usable } from './stored-value.ts';
import { isSystemTag, reservedTag } from './tag-rules.ts';

/** Takes tags off; keys that the secret does not have are no error, and change nothing. */
export const untagResource: Operation = operation({
  name: 'UntagResource',
  reads: false,
  input: v.object({ SecretId: secretId, TagKeys: v.array(tagKey) }),
  run(context, { SecretId, TagKeys }) {
    const secret = usable(context.store.find(SecretId));
    const { tags = [] } = secret;
    if (tags.some(({ Key = '' }) => isSystemTag(Key) && TagKeys.includes(Key))) throw reservedTag();
    const left = tags.filter(({ Key }) => Key === undefined || !TagKeys.includes(Key));
    if (left.length < tags.length) context.store.put({ ...secret, changedAt: context.clock.now(), tags: left });
    return {};
  },
});
