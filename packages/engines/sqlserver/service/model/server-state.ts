import type { PermissionTable } from './permission-table.ts';

/** A row of `sys.server_permissions` or `sys.database_permissions`. */
export interface PermissionRow {
  readonly class: number;
  readonly major: number;
  readonly minor: number;
  readonly grantee: number;
  readonly grantor: number;
  readonly name: string;
  state: 'G' | 'W' | 'D' | 'R';
}

/** Who is in which role. */
export interface Membership {
  readonly role: number;
  readonly member: number;
}

/** A login (`S`), a role (`R`) or a login of a certificate (`C`). Bytes are text: `0x…`. */
export interface ServerPrincipal {
  readonly id: number;
  name: string;
  readonly type: 'S' | 'R' | 'C';
  readonly sid: string;
  readonly fixed: boolean;
  owner: number;
  passwordHash?: string;
  disabled: boolean;
  defaultDatabase: string | null;
  defaultLanguage: string | null;
  checkPolicy: boolean;
  checkExpiration: boolean;
  mustChange: boolean;
  expired: boolean;
  badPasswords: number;
  /** Hashes that the policy refuses a second time. */
  history: string[];
}

/** A user (`S`), role (`R`) or application role (`A`) of one database. */
export interface DatabasePrincipal {
  readonly id: number;
  name: string;
  readonly type: 'S' | 'R' | 'A';
  sid: string | null;
  /** 0: none, 1: the server authenticates it, 2: the database does. */
  readonly authentication: 0 | 1 | 2;
  readonly fixed: boolean;
  owner: number;
  defaultSchema: string | null;
  defaultLanguage: string | null;
  encryptedModifications: boolean;
  passwordHash?: string;
}

/** Anything else that has a name, an owner, and permissions. */
export interface Thing {
  readonly class: number;
  readonly id: number;
  name: string;
  /** The schema that it is in; undefined for a class that is in none. */
  readonly schema?: number;
  /** Null: the owner of its schema. */
  owner: number | null;
  readonly columns: readonly string[];
}

/** One database. */
export interface DatabaseState {
  readonly id: number;
  readonly name: string;
  ownerSid: string;
  state: 'ONLINE' | 'OFFLINE';
  readOnly: boolean;
  readonly contained: boolean;
  principals: DatabasePrincipal[];
  members: Membership[];
  permissions: PermissionTable;
  things: Thing[];
}

/** Everything that a server keeps, as plain data: a transaction works on a copy of it. */
export interface ServerState {
  nextId: number;
  principals: ServerPrincipal[];
  members: Membership[];
  permissions: PermissionTable;
  endpoints: Thing[];
  availabilityGroups: Thing[];
  credentials: { readonly id: number; readonly name: string }[];
  loginCredentials: { readonly login: number; readonly credential: number }[];
  databases: DatabaseState[];
  jobs: { readonly name: string; ownerSid: string }[];
}
