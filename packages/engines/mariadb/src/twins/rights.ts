import type { Method } from '../accounts.ts';

/** What a grant is about. Database names are patterns, as the server keeps them. */
export type Scope =
  | { readonly level: 'global' }
  | { readonly level: 'database'; readonly database: string }
  | { readonly level: 'table'; readonly database: string; readonly table: string }
  | { readonly level: 'column'; readonly database: string; readonly table: string; readonly column: string }
  | { readonly level: 'routine'; readonly kind: string; readonly database: string; readonly routine: string }
  | { readonly level: 'proxy'; readonly username: string; readonly host: string }
  | { readonly level: 'role'; readonly role: string };

/** Rights of one account within one scope, in the words of GRANT. */
export interface Grant {
  readonly scope: Scope;
  /** `GRANT OPTION` and, for a role, `ADMIN OPTION` are among them. */
  readonly privileges: ReadonlySet<string>;
}

/** How long the server lets a password live, in days. */
export type PasswordLifetime = number | 'NEVER' | 'DEFAULT';

/** What a login has to show, besides its password. */
export interface TlsDemand {
  readonly type: 'NONE' | 'SSL' | 'X509' | 'SPECIFIED';
  readonly issuer: string;
  readonly subject: string;
  readonly cipher: string;
}

export const limitNames = [
  'MAX_QUERIES_PER_HOUR',
  'MAX_UPDATES_PER_HOUR',
  'MAX_CONNECTIONS_PER_HOUR',
  'MAX_USER_CONNECTIONS',
  'MAX_STATEMENT_TIME',
] as const;

/** The server's limits by name; 0 is no limit. MAX_STATEMENT_TIME is in seconds. */
export type Limits = Readonly<Record<(typeof limitNames)[number], number>>;

/** Everything that one account may do, and under which conditions. */
export interface AccountRights {
  readonly host: string;
  readonly isRole: boolean;
  readonly methods: readonly Method[];
  readonly tls: TlsDemand;
  readonly limits: Limits;
  readonly lifetime: PasswordLifetime;
  readonly locked: boolean;
  /** As stored; the server uses it only while the role is granted. */
  readonly defaultRole: string;
  /** By {@link scopeKey}; none of them is empty. */
  readonly grants: ReadonlyMap<string, Grant>;
}

/** The accounts of a user by host. */
export type UserRights = ReadonlyMap<string, AccountRights>;

/** The same text for the same scope, and for no other. */
export function scopeKey(scope: Scope): string {
  return JSON.stringify(Object.values(scope));
}

/** The default role that logins get: a role that was taken from the account stays stored, without effect. */
export function effectiveDefaultRole({ defaultRole, grants }: AccountRights): string {
  return grants.has(scopeKey({ level: 'role', role: defaultRole })) ? defaultRole : '';
}
