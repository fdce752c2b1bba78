/** One statement of Redshift's, parsed. */
export type Statement =
  | { readonly kind: 'begin' }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'set'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'reset'; readonly name: string }
  | {
      readonly kind: 'query';
      readonly sql: string;
      /** Constants that the SQL asks for as $1, $2, …; undefined where all of it is written out. */
      readonly values?: readonly string[] | undefined;
      readonly tag: string;
    }
  | { readonly kind: 'create-user' | 'alter-user'; readonly name: string; readonly options: readonly UserOption[] }
  | {
      readonly kind: 'drop-user' | 'drop-group' | 'drop-role' | 'create-role' | 'create-datashare';
      readonly name: string;
    }
  | { readonly kind: 'create-group'; readonly name: string; readonly users: readonly string[] }
  | { readonly kind: 'alter-group'; readonly name: string; readonly adds: boolean; readonly users: readonly string[] }
  | GrantStatement
  | DefaultPrivileges
  | {
      readonly kind: 'attach-policy';
      readonly policy: string;
      readonly table: readonly string[];
      readonly user: string;
      readonly masks: boolean;
    };

/** What CREATE USER and ALTER USER say of a user. */
export type UserOption =
  | { readonly option: 'password'; readonly password: string | null }
  | { readonly option: 'createdb' | 'createuser'; readonly on: boolean }
  | { readonly option: 'syslog'; readonly access: 'RESTRICTED' | 'UNRESTRICTED' }
  | { readonly option: 'valid-until'; readonly until: string }
  | { readonly option: 'connection-limit'; readonly limit: number }
  | { readonly option: 'session-timeout'; readonly seconds: number }
  | { readonly option: 'in-group'; readonly groups: readonly string[] }
  | { readonly option: 'nologin' }
  | { readonly option: 'set'; readonly name: string; readonly values: readonly string[] }
  | { readonly option: 'reset'; readonly name: string };

export interface Grantee {
  readonly type: 'user' | 'role' | 'group' | 'public';
  readonly name: string;
}

/** GRANT and REVOKE, of whatever. */
export interface GrantStatement {
  readonly kind: 'grant';
  readonly revokes: boolean;
  /** REVOKE GRANT OPTION FOR, REVOKE ADMIN OPTION FOR. */
  readonly onlyOption: boolean;
  readonly withOption: boolean;
  readonly what: Granted;
  readonly grantees: readonly Grantee[];
}

/** What a grant is about. */
export type Granted =
  | { readonly on: 'role'; readonly roles: readonly string[] }
  | { readonly on: 'system'; readonly privileges: readonly string[] }
  | {
      readonly on: 'object';
      /** `TABLE`, `SCHEMA`, `DATABASE`, `FUNCTION`, `PROCEDURE`, `LANGUAGE`, `DATASHARE`, `MODEL`. */
      readonly type: string;
      readonly privileges: readonly { readonly privilege: string; readonly columns: readonly string[] }[];
      readonly name: readonly string[];
      /** Of a function: its types, as SQL. */
      readonly types: string;
    }
  | {
      readonly on: 'scope';
      readonly privileges: readonly string[];
      /** `TABLES`, `SCHEMAS`, `FUNCTIONS`, `LANGUAGES`. */
      readonly kinds: string;
      readonly within: 'SCHEMA' | 'DATABASE';
      readonly name: string;
    }
  | { readonly on: 'iam'; readonly role: string; readonly commands: readonly string[] };

export interface DefaultPrivileges {
  readonly kind: 'default-privileges';
  readonly owner: string | null;
  readonly schema: string | null;
  readonly revokes: boolean;
  readonly onlyOption: boolean;
  readonly withOption: boolean;
  readonly privileges: readonly string[];
  readonly objects: 'TABLES' | 'FUNCTIONS';
  readonly grantees: readonly Grantee[];
}
