import * as v from 'valibot';
import { invalidParameter } from '../wire/service-error.ts';
import { daysLater, seconds } from '../wire/timestamps.ts';
import { secretId } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { existing, managedByService, usable } from './stored-value.ts';

const DEFAULT_DAYS = 30;

const input = v.object({
  SecretId: secretId,
  RecoveryWindowInDays: v.optional(v.pipe(v.number(), v.integer())),
  ForceDeleteWithoutRecovery: v.optional(v.boolean()),
});

/** Marks a secret for deletion in 7 to 30 days, or deletes it at once, even one that is not there. */
export const deleteSecret: Operation = operation({
  name: 'DeleteSecret',
  reads: false,
  input,
  run(context, { SecretId, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force = false }) {
    if (force && days !== undefined) {
      throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    }
    if (days !== undefined && (days < 7 || days > 30)) {
      throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
    }
    const now = context.clock.now();
    const found = context.store.find(SecretId);
    if (force && found === undefined) {
      return { ARN: SecretId.startsWith('arn:') ? SecretId : undefined, Name: SecretId, DeletionDate: seconds(now) };
    }
    const secret = force ? existing(found) : usable(found);
    if (secret.owningService !== undefined) throw managedByService();
    const deletionAt = force ? now : daysLater(now, days ?? DEFAULT_DAYS);
    if (force) context.store.remove(secret);
    else context.store.put({ ...secret, changedAt: now, deletionAt });
    context.rotations.cancel(secret.arn);
    return { ARN: secret.arn, Name: secret.name, DeletionDate: seconds(deletionAt) };
  },
});
