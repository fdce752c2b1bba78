/** What a right is about. Names as the dictionary has them. */
export type Target =
  | { readonly kind: 'system'; readonly privilege: string }
  | { readonly kind: 'schema'; readonly privilege: string; readonly schema: string }
  | { readonly kind: 'role'; readonly role: string }
  | ObjectTarget
  | { readonly kind: 'quota'; readonly tablespace: string }
  /** Others act as the user: `proxy` is who. */
  | { readonly kind: 'client-of'; readonly proxy: string }
  /** The user acts as others: `client` is who. */
  | { readonly kind: 'proxy-of'; readonly client: string }
  | { readonly kind: 'consumer-group'; readonly group: string };

export interface ObjectTarget {
  readonly kind: 'object';
  readonly owner: string;
  readonly name: string;
  readonly type: string;
  readonly privilege: string;
  /** Undefined: the whole object. */
  readonly column: string | undefined;
}

/** One right of one user. */
export interface Right<T extends Target = Target> {
  readonly target: T;
  /** How far it goes, the same text for the same extent: `WITH ADMIN OPTION`, a number of bytes, the roles of a proxy. */
  readonly extent: string;
  /** Who gave it, of rights in objects: nobody else may take it. */
  readonly grantors: readonly string[];
}

/** What one user may do, and on what terms. */
export interface UserRights {
  readonly name: string;
  readonly account: Account;
  /** `PROFILE`, `DEFAULT TABLESPACE`, …, by the words of ALTER USER. */
  readonly settings: ReadonlyMap<string, string>;
  /** By {@link targetKey}. */
  readonly rights: ReadonlyMap<string, Right>;
  /** The roles that a login has from the start. */
  readonly defaultRoles: ReadonlySet<string>;
  /** What it owns, in words; not all where there is much. */
  readonly owned: readonly string[];
}

/** How a user logs in. */
interface Account {
  readonly authentication: string;
  readonly externalName: string;
  readonly hasLoggedIn: boolean;
  /** Oracle's own, or one of the root container's. */
  readonly isSpecial: boolean;
}

/** The same text for the same target, and for no other. */
export function targetKey(target: Target): string {
  return JSON.stringify(Object.values(target));
}

export function rolesOf({ rights }: UserRights): readonly string[] {
  return [...rights.values()].flatMap(({ target }) => (target.kind === 'role' ? [target.role] : []));
}
