import * as v from 'valibot';
import { AWSCURRENT, AWSPENDING, holderOf } from '../state/labels.ts';
import { invalidRequest } from '../wire/service-error.ts';
import { secretId } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { usable } from './stored-value.ts';

/** Turns rotation off and ends a running one where it stands; the labels stay as they are (fact 26). */
export const cancelRotateSecret: Operation = operation({
  name: 'CancelRotateSecret',
  reads: false,
  input: v.object({ SecretId: secretId }),
  run(context, { SecretId }) {
    const secret = usable(context.store.find(SecretId));
    const { rotation } = secret;
    if (rotation === undefined) {
      throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
    }
    const { incomplete: _ended, attempt: _last, ...kept } = rotation;
    context.store.put({ ...secret, changedAt: context.clock.now(), rotation: { ...kept, enabled: false } });
    context.rotations.cancel(secret.arn);
    const pending = holderOf(secret.versions, AWSPENDING);
    const left = pending === holderOf(secret.versions, AWSCURRENT) ? undefined : pending;
    return { ARN: secret.arn, Name: secret.name, VersionId: left };
  },
});
