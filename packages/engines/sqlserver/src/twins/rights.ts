import type { AccountKind } from '../accounts.ts';

/** `G` granted, `W` granted with the right to hand it on, `D` denied, `R` a column that a grant on its table leaves out. */
export type PermissionState = 'G' | 'W' | 'D' | 'R';

/** What a permission is about. */
export interface Securable {
  /** `OBJECT`, `SCHEMA`, `LOGIN`; empty for the whole server or the whole database. */
  readonly keyword: string;
  /** Its name, after the name of its schema where it is in one. */
  readonly names: readonly string[];
}

/** One row of `sys.server_permissions` or `sys.database_permissions`. */
export interface Permission {
  /** The same for all rows of one permission on one securable, its columns included. */
  readonly group: string;
  /** Undefined where the catalogue has no name for it. */
  readonly securable: Securable | undefined;
  /** Undefined: all of it. */
  readonly column: string | undefined;
  readonly name: string;
  readonly state: PermissionState;
  readonly grantor: string;
}

/** Something that only one user can own. */
export interface Owned {
  /** As ALTER AUTHORIZATION has it: `SCHEMA`, `DATABASE`; `JOB` for a job of the Agent. */
  readonly keyword: string;
  readonly names: readonly string[];
}

/** What one user is and may do in one place. */
export interface Holder {
  readonly exists: boolean;
  readonly name: string;
  /** Whether it is the owner of the database, and so its dbo. */
  readonly isDbo: boolean;
  /** By their names in ALTER LOGIN or ALTER USER; undefined: none. */
  readonly attributes: ReadonlyMap<string, string | undefined>;
  readonly roles: ReadonlySet<string>;
  readonly credentials: ReadonlySet<string>;
  readonly permissions: readonly Permission[];
  /** Groups of permissions that it has handed on, with those who have them from it. */
  readonly handedOn: ReadonlyMap<string, readonly string[]>;
  readonly owns: readonly Owned[];
}

/** What the master may do in one place, as far as the engine asks beforehand. */
interface MasterRights {
  /** Its own name as a grantor there, which no statement has to name; undefined: unknown. */
  readonly name: string | undefined;
  readonly seesAll: boolean;
  readonly altersUsers: boolean;
  readonly altersRoles: boolean;
}

/** The server, or one database in which one of the two is a user. */
export interface Place {
  /** Undefined: the server itself. */
  readonly database: string | undefined;
  readonly writable: boolean;
  readonly current: Holder;
  readonly next: Holder;
  /** Somebody else has the name that the next user would get. */
  readonly nameTaken: boolean;
  readonly master: MasterRights;
}

/** Everything that is read of two users. */
export interface TwinState {
  readonly kind: AccountKind;
  /** The master's login, or user, and the database of its connection. */
  readonly master: { readonly name: string; readonly database: string };
  readonly places: readonly Place[];
  /** Databases that the master may not look into. */
  readonly closed: readonly string[];
  /** Names of the pair as the server has them; undefined: there is no such user. */
  readonly currentName: string | undefined;
  readonly nextName: string | undefined;
  /** Something else than a user with a password has the name of the next user. */
  readonly nextIsOther: boolean;
  /** Whether the twin's SID says whose twin it is. */
  readonly isMarked: boolean;
  /** The SID that a twin gets that is made now; undefined where the base does not exist. */
  readonly markedSid: string | undefined;
}
