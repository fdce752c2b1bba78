import { type CredentialOwner, quoted, RotationError } from '@keyturn/core';

/** An IAM user's ARN: partition, account, path and name. Source: IAM identifiers in the IAM user guide. */
const userArn = /^arn:[\w-]+:iam::\d{12}:user\/(?:[\x21-\x7e]*\/)?([\w+=,.@-]{1,128})$/;

/**
 * The IAM user that STS says a key belongs to.
 * @throws RotationError `invalid-secret` for the root user and for whatever else is no IAM user
 */
export function ownerBehind({
  Arn = '',
  UserId = '',
}: {
  Arn?: string | undefined;
  UserId?: string | undefined;
}): CredentialOwner {
  if (/^arn:[\w-]+:iam::\d{12}:root$/.test(Arn)) {
    throw noUser('the key belongs to the root user of the account, whose keys are not rotated');
  }
  const user = userArn.exec(Arn)?.[1];
  if (user === undefined) throw noUser(`the key belongs to no IAM user, but to ${quoted(Arn)}`);
  // The unique id too: a user that was deleted and made again has the same ARN, and is another one.
  return { user, identity: `${Arn} ${UserId}` };
}

function noUser(message: string): RotationError {
  return new RotationError('invalid-secret', {
    message,
    remedy: 'Make an IAM user for this use, and store its access key with PutSecretValue.',
  });
}
