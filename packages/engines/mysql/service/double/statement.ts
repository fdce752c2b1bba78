import type { LimitName, TlsDemand } from './account.ts';
import type { AccountName } from './cursor.ts';

/** How an account is to authenticate. */
export interface AuthChange {
  /** Undefined stands for the account of the session. */
  readonly account: AccountName | undefined;
  readonly plugin?: string;
  readonly password?: string;
  readonly verifier?: string;
  /** IDENTIFIED BY PASSWORD, before 8.0. */
  readonly nativeHash?: string;
  readonly replace?: string;
  readonly retain: boolean;
  readonly discard: boolean;
  /** USER(): only a password may be changed through it. */
  readonly self: boolean;
}

/** Clauses about how, and how much, accounts may be used. */
export interface Conditions {
  tls?: TlsDemand;
  limits?: Partial<Record<LimitName, number>>;
  expired?: true;
  lifetime?: number | null;
  locked?: boolean;
  history?: number | null;
  reuseDays?: number | null;
  requireCurrent?: 'Y' | 'N' | null;
  failedLoginAttempts?: number;
  passwordLockDays?: number;
  /** A JSON object that is merged into what there is. */
  attribute?: Record<string, unknown>;
}

/** Where privileges hold. */
export type Level =
  | { readonly kind: 'global' }
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'table'; readonly database: string; readonly table: string }
  | { readonly kind: 'routine'; readonly routine: string; readonly database: string; readonly name: string };

export interface Privilege {
  readonly name: string;
  readonly columns: readonly string[];
}

/** A condition of a WHERE clause: the column is one of these texts, compared byte by byte or not. */
export interface Match {
  readonly column: string;
  readonly values: readonly string[];
}

/** What a column of a result holds. */
export type Column =
  | { readonly kind: 'all' }
  | { readonly kind: 'column'; readonly name: string; readonly as: string; readonly asText: boolean }
  | { readonly kind: 'text'; readonly text: string; readonly as: string }
  | { readonly kind: 'number'; readonly value: number; readonly as: string }
  | { readonly kind: 'function'; readonly name: string; readonly as: string }
  | { readonly kind: 'variable'; readonly name: string; readonly as: string };

export interface Select {
  readonly columns: readonly Column[];
  readonly from?: { readonly database: string; readonly table: string };
  readonly where: readonly Match[];
  readonly orderBy?: string;
  readonly limit?: number;
}

export type Statement =
  | { readonly kind: 'select'; readonly parts: readonly Select[] }
  | { readonly kind: 'sleep' }
  | { readonly kind: 'show-grants'; readonly account: AccountName | undefined }
  | { readonly kind: 'show-create-user'; readonly account: AccountName | undefined }
  | { readonly kind: 'set-names' }
  | { readonly kind: 'set-variable'; readonly global: boolean; readonly name: string; readonly value: string }
  | {
      readonly kind: 'set-password';
      readonly account: AccountName | undefined;
      readonly password?: string;
      readonly hash?: string;
      readonly replace?: string;
      readonly retain: boolean;
    }
  | { readonly kind: 'set-role' }
  | { readonly kind: 'create-database' | 'drop-database'; readonly name: string }
  | { readonly kind: 'create-role'; readonly accounts: readonly AccountName[]; readonly ifNotExists: boolean }
  | {
      readonly kind: 'create-user';
      readonly tolerant: boolean;
      readonly accounts: readonly AuthChange[];
      readonly conditions: Conditions;
      readonly defaultRoles: readonly AccountName[];
    }
  | {
      readonly kind: 'alter-user';
      readonly tolerant: boolean;
      readonly accounts: readonly AuthChange[];
      readonly conditions: Conditions;
    }
  | { readonly kind: 'default-roles'; readonly account: AccountName; readonly roles: readonly AccountName[] | 'ALL' }
  | { readonly kind: 'drop-user'; readonly accounts: readonly AccountName[]; readonly ifExists: boolean }
  | {
      readonly kind: 'grant';
      readonly privileges: readonly Privilege[];
      readonly level: Level;
      readonly to: readonly AuthChange[];
      readonly option: boolean;
      readonly conditions: Conditions;
    }
  | {
      readonly kind: 'revoke';
      readonly privileges: readonly Privilege[];
      readonly level: Level;
      readonly from: readonly (AccountName | undefined)[];
    }
  | { readonly kind: 'revoke-all'; readonly from: readonly (AccountName | undefined)[] }
  | {
      readonly kind: 'grant-proxy';
      readonly on: AccountName;
      readonly to: readonly (AccountName | undefined)[];
      readonly option: boolean;
    }
  | { readonly kind: 'revoke-proxy'; readonly on: AccountName; readonly from: readonly (AccountName | undefined)[] }
  | {
      readonly kind: 'grant-role';
      readonly roles: readonly AccountName[];
      readonly to: readonly (AccountName | undefined)[];
      readonly option: boolean;
    }
  | {
      readonly kind: 'revoke-role';
      readonly roles: readonly AccountName[];
      readonly from: readonly (AccountName | undefined)[];
    };
