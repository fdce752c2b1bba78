import type { DefaultRoles, ProxyGrant } from '../sql/statements.ts';
import type { Verifier } from './verifier.ts';

/** Releases that the double can play: `19c` stands for those up to 21c. */
export type Release = '19c' | '23ai';

export interface User {
  readonly name: string;
  authentication: 'PASSWORD' | 'EXTERNAL' | 'NONE';
  externalName: string | undefined;
  verifier: Verifier | undefined;
  /** Only the verifier of 10g is kept, as under SEC_CASE_SENSITIVE_LOGON = FALSE. */
  has10gOnly: boolean;
  /** The one before it, while a rollover lasts. */
  rollover: { readonly verifier: Verifier; readonly endsAt: number } | undefined;
  /** Earlier ones, the newest first, the one in use among them. */
  history: Verifier[];
  lock: 'LOCKED' | 'LOCKED(TIMED)' | undefined;
  expiry: 'EXPIRED' | 'EXPIRED(GRACE)' | undefined;
  failedLogins: number;
  refusedLogins: number;
  hasLoggedIn: boolean;
  profile: string;
  defaultTablespace: string;
  temporaryTablespace: string;
  localTemporaryTablespace: string;
  readonly quotas: Map<string, number>;
  defaultRoles: DefaultRoles;
  editions: boolean;
  readonly oracleMaintained: boolean;
}

interface RoleGrant {
  admin: boolean;
  delegate: boolean;
}

export interface ObjectGrant {
  readonly grantee: string;
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly privilege: string;
  readonly column: string | undefined;
  readonly grantor: string;
  grantable: boolean;
  hierarchy: boolean;
}

export interface DatabaseObject {
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly columns: readonly string[];
}

interface Proxy extends ProxyGrant {
  readonly client: string;
}

interface ConsumerGroupGrant {
  readonly grantee: string;
  readonly group: string;
  readonly grantOption: boolean;
}

/** Everything that the database keeps. Names as the dictionary has them. */
export interface Model {
  readonly release: Release;
  /** The clock of the server, in milliseconds since the epoch. */
  now: () => number;
  readOnly: boolean;
  readonly users: Map<string, User>;
  readonly roles: Set<string>;
  readonly profiles: Map<string, Map<string, string>>;
  readonly tablespaces: Set<string>;
  readonly objects: DatabaseObject[];
  /** By grantee, by privilege. */
  readonly systemGrants: Map<string, Map<string, { admin: boolean }>>;
  readonly roleGrants: Map<string, Map<string, RoleGrant>>;
  /** By grantee, by `privilege` and `schema` with a NUL between. */
  readonly schemaGrants: Map<string, Map<string, { admin: boolean }>>;
  objectGrants: ObjectGrant[];
  proxies: Proxy[];
  consumerGroups: ConsumerGroupGrant[];
}

/** The map of a grantee, made where there is none. */
export function ofGrantee<T>(grants: Map<string, Map<string, T>>, grantee: string): Map<string, T> {
  const found = grants.get(grantee) ?? new Map<string, T>();
  grants.set(grantee, found);
  return found;
}
