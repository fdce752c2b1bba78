import { randomInt } from 'node:crypto';
import { invalidName } from '../wire/service-error.ts';

const NAME = /^[A-Za-z0-9/_+=.@!-]+$/;
// What the service takes for the six characters that it adds itself (fact 14).
const COMPLETE = /-[A-Za-z0-9]{6}$/;
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** How a call names a secret: by its name, or by an ARN that is complete or ends before the random part. */
export type SecretReference = { readonly name: string } | { readonly arn: string };

/** @throws ServiceError ValidationException where the characters are not those of a name */
export function checkName(name: string): void {
  if (!NAME.test(name)) throw invalidName();
}

/**
 * Reads a SecretId. A partial ARN whose name ends in a hyphen and six characters reads as a complete
 * one, so such a secret is not found by it, as in the service (fact 14).
 * @param prefix the ARN of this Region and account up to the name
 */
export function parseSecretId(secretId: string, prefix: string): SecretReference {
  if (!secretId.startsWith('arn:')) {
    checkName(secretId);
    return { name: secretId };
  }
  if (!secretId.startsWith(prefix) || COMPLETE.test(secretId)) return { arn: secretId };
  return { name: secretId.slice(prefix.length) };
}

/** `arn:aws:secretsmanager:<region>:<account>:secret:` */
export function arnPrefix(region: string, accountId: string): string {
  return `arn:aws:secretsmanager:${region}:${accountId}:secret:`;
}

/** The hyphen and six random characters that end a secret's ARN. */
export function arnSuffix(): string {
  return `-${Array.from({ length: 6 }, () => ALPHANUMERIC[randomInt(ALPHANUMERIC.length)]).join('')}`;
}
