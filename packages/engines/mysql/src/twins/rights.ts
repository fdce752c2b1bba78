/** What a grant is about. Database names are patterns, as the server keeps them. */
export type Scope =
  | { readonly level: 'global' }
  | { readonly level: 'dynamic'; readonly privilege: string }
  /** What a partial revoke takes from the global privileges. */
  | { readonly level: 'restriction'; readonly database: string }
  | { readonly level: 'database'; readonly database: string }
  | { readonly level: 'table'; readonly database: string; readonly table: string }
  | { readonly level: 'column'; readonly database: string; readonly table: string; readonly column: string }
  | { readonly level: 'routine'; readonly kind: string; readonly database: string; readonly routine: string }
  | { readonly level: 'proxy'; readonly username: string; readonly host: string }
  | { readonly level: 'role'; readonly username: string; readonly host: string };

/** Rights of one account within one scope, in the words of GRANT. */
export interface Grant {
  readonly scope: Scope;
  /** `GRANT OPTION` and, for a role, `ADMIN OPTION` are among them; of a restriction, what it takes. */
  readonly privileges: ReadonlySet<string>;
}

/** Everything that one account may do, and under which conditions. */
export interface AccountRights {
  readonly host: string;
  readonly plugin: string;
  /** What the plugin keeps: of a password, or of whom it asks. */
  readonly verifier: string;
  /** Whether it takes a second or a third factor to log in. */
  readonly hasMoreFactors: boolean;
  /**
   * How, and how much, it may be used: clauses of CREATE USER by their first words, in the order in which they
   * are written. Which there are depends on the version.
   */
  readonly conditions: ReadonlyMap<string, string>;
  /** Its attributes, the comment among them, by name; undefined where the server knows none. */
  readonly attributes: Readonly<Record<string, unknown>> | undefined;
  /** As accounts, quoted and sorted; only those that a login really gets. */
  readonly defaultRoles: readonly string[];
  /** By {@link scopeKey}; none of them is empty. */
  readonly grants: ReadonlyMap<string, Grant>;
}

/** The accounts of a user by host. */
export type UserRights = ReadonlyMap<string, AccountRights>;

/** The same text for the same scope, and for no other. */
export function scopeKey(scope: Scope): string {
  return JSON.stringify(Object.values(scope));
}
