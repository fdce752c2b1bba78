import { nameMaxBytes } from '../quoting.ts';

/**
 * The group that shows that two users belong together: Redshift has no comments on users, and a group without grants
 * gives no right. Only superusers make groups and add users to them.
 */
export function markOf(base: string): string {
  return `keyturn_${base}`;
}

/** Whether the group can have its name: a longer one would be cut off, and mean another group. */
export function canBeMarked(base: string): boolean {
  return Buffer.byteLength(markOf(base), 'utf8') <= nameMaxBytes;
}
