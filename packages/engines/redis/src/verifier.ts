import { createHash } from 'node:crypto';
import type { Password } from '@keyturn/core';

/**
 * What the server stores of a password: the lower-case hexadecimal SHA-256 of its bytes. The server takes it
 * in place of the password, as `#hash`.
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
export function sha256(password: Password): string {
  return createHash('sha256').update(password.reveal(), 'utf8').digest('hex');
}
