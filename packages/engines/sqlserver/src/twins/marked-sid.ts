import { createHash } from 'node:crypto';
import type { AccountKind } from '../accounts.ts';

/** How the SIDs of users begin that a database authenticates (Transact-SQL reference, "CREATE USER", SID). */
const containedPrefix = '010500000000000903000000';

/**
 * The SID of a twin, computed from the SID of its base: so the server itself shows, to whoever computes it again,
 * that this user was made for that one. 16 bytes for a login (Transact-SQL reference, "CREATE LOGIN", SID).
 */
export function markedSid(kind: AccountKind, baseSid: string): string {
  const digest = createHash('sha256').update(`keyturn twin of ${baseSid.toUpperCase()}`).digest('hex');
  const tail = digest.slice(0, 32).toUpperCase();
  return `0x${kind === 'login' ? '' : containedPrefix}${tail}`;
}
