import { createHash } from 'node:crypto';
import type { Password } from '@keyturn/core';

/**
 * What the plugin mysql_native_password stores of a password: `*` and the upper-case hexadecimal SHA1 of
 * its SHA1. Where a server takes it in place of the password, no log of it holds the password.
 */
export function nativeHash(password: Password): string {
  const sha1 = (bytes: string | Buffer): Buffer => createHash('sha1').update(bytes).digest();
  return `*${sha1(sha1(password.reveal())).toString('hex').toUpperCase()}`;
}
