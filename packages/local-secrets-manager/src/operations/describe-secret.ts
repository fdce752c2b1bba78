import * as v from 'valibot';
import { secretId } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { secretDetails, versionsToStages } from './secret-details.ts';
import { existing } from './stored-value.ts';

/** Tells everything of a secret but its values; of a deleted one too. */
export const describeSecret: Operation = operation({
  name: 'DescribeSecret',
  reads: true,
  input: v.object({ SecretId: secretId }),
  run(context, { SecretId }) {
    const secret = existing(context.reader.find(SecretId));
    return { ...secretDetails(secret), VersionIdsToStages: versionsToStages(secret) };
  },
});
