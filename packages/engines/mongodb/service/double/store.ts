import type { Credential, Mechanism } from './credentials.ts';
import type { Privilege } from './privileges.ts';

/** A role's or a user's name: it is unique in its database only. */
export interface RoleName {
  readonly role: string;
  readonly db: string;
}

/** Addresses from which, and to which, a user or a role lets clients log in. */
export interface Restriction {
  readonly clientSource?: readonly string[];
  readonly serverAddress?: readonly string[];
}

export interface StoredUser {
  readonly user: string;
  readonly db: string;
  readonly roles: readonly RoleName[];
  readonly credentials: Readonly<Partial<Record<Mechanism, Credential>>>;
  readonly customData?: object;
  readonly authenticationRestrictions?: readonly Restriction[];
}

export interface StoredRole extends RoleName {
  readonly privileges: readonly Privilege[];
  readonly roles: readonly RoleName[];
  readonly authenticationRestrictions?: readonly Restriction[];
}

/** Everything that one member knows of users and roles. It is replaced, never changed. */
export interface Store {
  readonly users: ReadonlyMap<string, StoredUser>;
  readonly roles: ReadonlyMap<string, StoredRole>;
}

export const emptyStore: Store = { users: new Map(), roles: new Map() };

/** Names may hold dots, databases may not. */
export function keyOf(db: string, name: string): string {
  return `${db}.${name}`;
}

export function withUser(store: Store, user: StoredUser): Store {
  return { ...store, users: new Map(store.users).set(keyOf(user.db, user.user), user) };
}

export function withoutUser(store: Store, db: string, user: string): Store {
  const users = new Map(store.users);
  users.delete(keyOf(db, user));
  return { ...store, users };
}

export function withRole(store: Store, role: StoredRole): Store {
  return { ...store, roles: new Map(store.roles).set(keyOf(role.db, role.role), role) };
}

/** A role that is dropped is taken from all who have it. */
export function withoutRole(store: Store, { role, db }: RoleName): Store {
  const others = <T extends { readonly roles: readonly RoleName[] }>(holder: T): T => ({
    ...holder,
    roles: holder.roles.filter((one) => one.role !== role || one.db !== db),
  });
  const roles = new Map([...store.roles].map(([key, value]) => [key, others(value)]));
  roles.delete(keyOf(db, role));
  return { users: new Map([...store.users].map(([key, value]) => [key, others(value)])), roles };
}
