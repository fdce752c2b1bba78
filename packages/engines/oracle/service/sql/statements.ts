/** What the double understands: what this engine sends, and what tests need to furnish a server. */
export type Statement =
  | { readonly kind: 'select'; readonly queries: readonly Query[] }
  | { readonly kind: 'create-user'; readonly name: string; readonly options: readonly UserOption[] }
  | { readonly kind: 'alter-user'; readonly name: string; readonly options: readonly UserOption[] }
  | { readonly kind: 'drop-user'; readonly name: string; readonly cascade: boolean }
  | ({ readonly kind: 'proxy'; readonly grant: boolean; readonly client: string } & ProxyGrant)
  | { readonly kind: 'grant'; readonly what: Granted; readonly to: readonly string[]; readonly option: GrantOption }
  | { readonly kind: 'revoke'; readonly what: Granted; readonly from: readonly string[] }
  | { readonly kind: 'create-role'; readonly name: string }
  | { readonly kind: 'drop-role'; readonly name: string }
  | { readonly kind: 'create-profile'; readonly name: string; readonly limits: Limits }
  | { readonly kind: 'alter-profile'; readonly name: string; readonly limits: Limits }
  | { readonly kind: 'drop-profile'; readonly name: string; readonly cascade: boolean }
  | { readonly kind: 'create-object'; readonly object: NewObject }
  | { readonly kind: 'drop-object'; readonly type: string; readonly owner: string; readonly name: string }
  | { readonly kind: 'create-trigger'; readonly trigger: NewTrigger }
  | { readonly kind: 'alter-session'; readonly schema: string };

export interface Query {
  readonly columns: readonly Expression[];
  readonly from: string;
  readonly where: readonly Condition[];
}

export type Expression =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'bind'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly of: readonly Expression[] };

export type Condition =
  | { readonly kind: 'in'; readonly left: Expression; readonly values: readonly Expression[] }
  | { readonly kind: 'not'; readonly left: Expression; readonly value: Expression }
  | { readonly kind: 'null'; readonly left: Expression; readonly not: boolean }
  | { readonly kind: 'rows'; readonly most: number };

export type UserOption =
  | { readonly kind: 'password'; readonly password: string; readonly replace?: string }
  | { readonly kind: 'external'; readonly name: string | undefined }
  | { readonly kind: 'no-authentication' }
  | { readonly kind: 'tablespace'; readonly use: 'default' | 'temporary' | 'local temporary'; readonly name: string }
  | { readonly kind: 'quota'; readonly bytes: number; readonly tablespace: string }
  | { readonly kind: 'profile'; readonly name: string }
  | { readonly kind: 'lock'; readonly locked: boolean }
  | { readonly kind: 'expire' }
  | { readonly kind: 'end-rollover' }
  | { readonly kind: 'editions' }
  | { readonly kind: 'default-role'; readonly roles: DefaultRoles };

export type DefaultRoles =
  | { readonly mode: 'all' }
  | { readonly mode: 'only'; readonly roles: readonly string[] }
  | { readonly mode: 'except'; readonly roles: readonly string[] };

export interface ProxyGrant {
  readonly proxy: string;
  readonly mode: 'all' | 'none' | 'only' | 'except';
  readonly roles: readonly string[];
  readonly authenticated: boolean;
}

/** System privileges and roles stand side by side in a statement: what is what, the server knows. */
export type Granted =
  | { readonly on: 'system'; readonly names: readonly PrivilegeName[] }
  | { readonly on: 'schema'; readonly names: readonly PrivilegeName[]; readonly schema: string }
  | {
      readonly on: 'object';
      readonly privileges: readonly { readonly name: string; readonly columns: readonly string[] }[];
      /** `DIRECTORY`, `USER`, `EDITION`, …: what comes before the name where it is no plain object. */
      readonly type: string | undefined;
      readonly owner: string;
      readonly name: string;
    };

/** A quoted name is a role's, whatever privilege reads the same. */
export interface PrivilegeName {
  readonly name: string;
  readonly quoted: boolean;
}

export interface GrantOption {
  readonly admin: boolean;
  readonly delegate: boolean;
  readonly grantable: boolean;
  readonly hierarchy: boolean;
}

/** By parameter; values as they are written. */
export type Limits = Readonly<Record<string, string>>;

interface NewObject {
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly columns: readonly string[];
}

interface NewTrigger {
  readonly owner: string;
  readonly name: string;
  readonly user: string;
  readonly schema: string;
}
