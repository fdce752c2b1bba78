import type { DatabasePrincipal, DatabaseState, ServerPrincipal, ServerState } from './server-state.ts';

/** Whom a session acts as: a login of the server, or a user whom one database has authenticated. */
export type Identity =
  | { readonly kind: 'login'; readonly loginId: number }
  | { readonly kind: 'contained'; readonly databaseId: number; readonly userId: number };

/** One session, with the state that it sees: its own copy while it is in a transaction. */
export interface Session {
  readonly identity: Identity;
  /** The id of the database that it is in. */
  databaseId: number;
  readonly state: ServerState;
  abortsOnError: boolean;
  /** How many BEGIN TRANSACTION are open. */
  readonly openTransactions: number;
}

/** The database that the session is in. */
export function currentDatabase({ state, databaseId }: Session): DatabaseState {
  const found = state.databases.find(({ id }) => id === databaseId);
  if (found === undefined) throw new Error('the session is in no database');
  return found;
}

/** The login that the session acts as; undefined for a contained user. */
export function currentLogin({ state, identity }: Session): ServerPrincipal | undefined {
  return identity.kind === 'login' ? state.principals.find(({ id }) => id === identity.loginId) : undefined;
}

/** The name with which the session logged in. */
export function originalLogin(session: Session): string {
  return currentLogin(session)?.name ?? containedUser(session)?.name ?? '';
}

/** The contained user that the session acts as. */
export function containedUser({ state, identity }: Session): DatabasePrincipal | undefined {
  if (identity.kind === 'login') return undefined;
  const database = state.databases.find(({ id }) => id === identity.databaseId);
  return database?.principals.find(({ id }) => id === identity.userId);
}
