import { EJSON } from 'bson';
import { closureOf, privilegesOf } from './double/privileges.ts';
import type { Double } from './double/start-double.ts';
import { keyOf } from './double/store.ts';

/** Everything that the server keeps of a user, its name and credentials apart, read off its memory. */
export function rightsOf(double: Double, db: string, username: string): readonly string[] {
  const store = double.set.storeOf(double.set.primary ?? 0);
  const user = store.users.get(keyOf(db, username));
  if (user === undefined) return [];
  const { roles, credentials, customData = {}, authenticationRestrictions = [] } = user;
  const exact = (value: object) => EJSON.stringify(value, { relaxed: false });
  return [
    ...roles.map(({ role, db: of }) => `<user> is ${role}@${of}`),
    ...closureOf(store, roles).map(({ role, db: of }) => `<user> is, also through others, ${role}@${of}`),
    ...privilegesOf(store, roles).map((privilege) => `<user> may ${exact(privilege)}`),
    ...Object.keys(credentials).map((mechanism) => `<user> logs in with ${mechanism}`),
    `<user> carries ${exact(customData)}`,
    ...authenticationRestrictions.map((restriction) => `<user> logs in where ${exact(restriction)}`),
  ].sort();
}
