import * as v from 'valibot';
import { secretId } from './members.ts';
import { type Operation, operation } from './operation.ts';
import { usable } from './stored-value.ts';

/** Tells the resource policy's text; without the member where there is none. */
export const getResourcePolicy: Operation = operation({
  name: 'GetResourcePolicy',
  reads: true,
  input: v.object({ SecretId: secretId }),
  run(context, { SecretId }) {
    const { arn, name, policy } = usable(context.reader.find(SecretId));
    return { ARN: arn, Name: name, ResourcePolicy: policy };
  },
});
