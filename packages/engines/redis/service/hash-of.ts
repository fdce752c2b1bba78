import { createHash } from 'node:crypto';

/** What the server keeps of a password. */
export function hashOf(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}
