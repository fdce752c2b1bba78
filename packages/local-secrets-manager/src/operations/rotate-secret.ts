import * as v from 'valibot';
import { checkRules } from '../rotation/check-rules.ts';
import { AWSCURRENT, AWSPENDING, holderOf } from '../state/labels.ts';
import type { Rotation, Secret } from '../state/secret.ts';
import { accessDenied, invalidParameter, invalidRequest } from '../wire/service-error.ts';
import { checkToken } from '../wire/validation.ts';
import { clientRequestToken, secretId, text } from './members.ts';
import { type Operation, type OperationContext, operation } from './operation.ts';
import { tokenMissing, usable } from './stored-value.ts';

const input = v.object({
  SecretId: secretId,
  ClientRequestToken: v.optional(clientRequestToken),
  RotationLambdaARN: v.optional(text(0, 2048)),
  RotationRules: v.optional(
    v.object({
      AutomaticallyAfterDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
      Duration: v.optional(v.pipe(text(2, 3), v.regex(/^[0-9]+h$/))),
      ScheduleExpression: v.optional(v.pipe(text(1, 256), v.regex(/^[0-9A-Za-z()#?*\-/, ]+$/))),
    }),
  ),
  ExternalSecretRotationMetadata: v.optional(
    v.array(v.object({ Key: v.optional(text(1, 256)), Value: v.optional(text(1, 2048)) })),
  ),
  ExternalSecretRotationRoleArn: v.optional(text(20, 2048)),
  RotateImmediately: v.optional(v.boolean()),
});

/** Turns rotation on and starts one; with RotateImmediately=false only testSecret runs (facts 16 to 20). */
export const rotateSecret: Operation = operation({
  name: 'RotateSecret',
  reads: false,
  input,
  run(context, members) {
    const { ClientRequestToken: token, RotationRules: rules, RotateImmediately: immediately = true } = members;
    const secret = usable(context.store.find(members.SecretId));
    if (token === undefined) throw invalidParameter(tokenMissing);
    checkToken(token);
    if (rules !== undefined) checkRules(rules);
    if (secret.owningService !== undefined) {
      throw invalidRequest('Managed rotation is not available here: createManagedSecret gives a handle that rotates.');
    }
    if (members.ExternalSecretRotationMetadata !== undefined || members.ExternalSecretRotationRoleArn !== undefined) {
      throw invalidParameter('External secrets are not available in the local Secrets Manager.');
    }
    const answer = { ARN: secret.arn, Name: secret.name, VersionId: token };
    // The SDK repeats a call whose answer got lost; the rotation it started goes on.
    if (context.rotations.isStartedWith(secret.arn, token)) return answer;
    checkPending(secret, token);
    const functionArn = invokableArn(context, secret, members.RotationLambdaARN);
    const now = context.clock.now();
    const kept = rules ?? secret.rotation?.rules;
    const rotation: Rotation = {
      countedFrom: now,
      ...secret.rotation,
      enabled: true,
      functionArn,
      ...(kept === undefined ? {} : { rules: kept }),
      ...(rules === undefined ? {} : { rulesSetAt: now }),
    };
    context.rotations.begin({ ...secret, changedAt: now, rotation }, token, immediately ? 'rotation' : 'test');
    return answer;
  },
});

function checkPending(secret: Secret, token: string): void {
  const pending = holderOf(secret.versions, AWSPENDING);
  if (pending !== undefined && pending !== holderOf(secret.versions, AWSCURRENT)) {
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  }
  if (secret.versions.has(token)) {
    throw invalidRequest(
      `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
}

function invokableArn(context: OperationContext, secret: Secret, given: string | undefined): string {
  const wanted = given || secret.rotation?.functionArn;
  if (wanted === undefined) throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
  const arn = context.functions.arnOf(wanted);
  if (arn === undefined) {
    throw accessDenied(
      'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
    );
  }
  return arn;
}
