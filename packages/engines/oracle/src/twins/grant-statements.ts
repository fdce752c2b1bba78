import { identifier, qualified } from '../quoting.ts';
import type { ObjectTarget, Right } from './rights.ts';

/** Types that a GRANT names before the name, with the name alone. */
const named: readonly string[] = ['DIRECTORY', 'USER', 'EDITION'];
/** Types that it names before owner and name. */
const typed: readonly string[] = ['JAVA SOURCE', 'JAVA RESOURCE', 'MINING MODEL', 'SQL TRANSLATION PROFILE'];

/** A right in an object. */
export type ObjectRight = Right<ObjectTarget>;

/** `GRANT SELECT, UPDATE ("A", "B") ON … TO … WITH GRANT OPTION`: rights of one extent in one object. */
export function grantOnObject(rights: readonly ObjectRight[], extent: string, to: string): string {
  const privileges = [...byPrivilege(rights)].map(([privilege, columns]) =>
    columns.includes(undefined)
      ? privilege
      : `${privilege} (${columns.map((column) => identifier(column ?? '')).join(', ')})`,
  );
  // HIERARCHY comes before GRANT.
  const options = extent === '' ? [] : extent.split(/ (?=WITH )/).toReversed();
  return [`GRANT ${privileges.join(', ')} ON ${objectWords(rights)} TO ${identifier(to)}`, ...options].join(' ');
}

/** Whole privileges: in single columns none can be taken. */
export function revokeOnObject(rights: readonly ObjectRight[], from: string): string {
  const privileges = [...byPrivilege(rights).keys()];
  return `REVOKE ${privileges.join(', ')} ON ${objectWords(rights)} FROM ${identifier(from)}`;
}

/** The same text for rights in the same object. */
export function objectKey({ target: { owner, name, type } }: ObjectRight): string {
  return JSON.stringify([type, owner, name]);
}

function objectWords([first]: readonly ObjectRight[]): string {
  if (first === undefined) throw new Error('a grant of nothing');
  const { owner, name, type } = first.target;
  if (named.includes(type)) return `${type} ${identifier(name)}`;
  return typed.includes(type) ? `${type} ${qualified(owner, name)}` : qualified(owner, name);
}

/** Whole objects and columns apart: the whole one first, which would else take the columns with it. */
function byPrivilege(rights: readonly ObjectRight[]): ReadonlyMap<string, readonly (string | undefined)[]> {
  const found = new Map<string, (string | undefined)[]>();
  for (const { target } of rights) {
    const columns = found.get(target.privilege) ?? [];
    columns.push(target.column);
    found.set(target.privilege, columns);
  }
  return found;
}

/** The clause of GRANT CONNECT THROUGH. */
export function proxyClause(extent: string): string {
  if (!extent.startsWith('[')) return extent;
  const [clause, roles, proof] = JSON.parse(extent) as [string, string[], string];
  return `${clause} ${roles.map(identifier).join(', ')}${proof}`;
}
