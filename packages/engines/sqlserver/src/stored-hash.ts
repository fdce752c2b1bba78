import { createHash } from 'node:crypto';
import type { Password } from '@keyturn/core';

/** Version 2: two bytes of version, four of salt, then the hash. */
const versionTwo = '0x0200';

/**
 * Whether `sys.sql_logins.password_hash`, as text, is of this password: SHA-512 over its UTF-16 and the salt, as
 * SQL Server 2012 to 2022 keep it. Of another version nothing is known.
 */
export function isHashOf(hash: string, password: Password): boolean {
  if (!hash.startsWith(versionTwo)) return false;
  const bytes = Buffer.from(hash.slice(2), 'hex');
  const computed = createHash('sha512').update(password.reveal(), 'utf16le').update(bytes.subarray(2, 6)).digest();
  return bytes.subarray(6).equals(computed);
}
