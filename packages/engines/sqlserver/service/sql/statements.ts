import type { Expression } from './expression.ts';

/** A SELECT of columns of joined views. */
export interface Select {
  readonly kind: 'select';
  readonly columns: readonly { readonly value: Expression; readonly name: string }[];
  readonly from: readonly Source[];
  readonly where: Expression | undefined;
}

/** A view, with how it is joined to those before it. */
export interface Source {
  readonly path: readonly string[];
  readonly alias: string;
  readonly join: 'from' | 'inner' | 'left';
  readonly on: Expression | undefined;
}

/** What stands after ON: a class and a name; undefined for the whole server or database. */
export interface On {
  readonly keyword: string;
  readonly path: readonly string[];
}

export interface PermissionStatement {
  readonly kind: 'grant' | 'deny' | 'revoke';
  readonly permissions: readonly { readonly name: string; readonly columns: readonly string[] }[];
  readonly on: On | undefined;
  readonly columns: readonly string[];
  readonly grantees: readonly string[];
  readonly withGrantOption: boolean;
  readonly grantOptionOnly: boolean;
  readonly cascade: boolean;
  readonly as: string | undefined;
}

/** Options of CREATE and ALTER LOGIN and USER, by name; `null` for NULL and NONE. */
export type Options = ReadonlyMap<string, string | null>;

export type Statement = { readonly line: number } & (
  | Select
  | PermissionStatement
  | { readonly kind: 'use'; readonly database: string }
  | { readonly kind: 'set'; readonly option: string; readonly value: string }
  | { readonly kind: 'begin' | 'commit' | 'rollback' }
  | { readonly kind: 'if'; readonly condition: Expression; readonly statement: Statement }
  | { readonly kind: 'create login'; readonly name: string; readonly options: Options }
  | { readonly kind: 'alter login'; readonly name: string; readonly options: Options }
  | { readonly kind: 'switch login'; readonly name: string; readonly enabled: boolean }
  | { readonly kind: 'login credential'; readonly name: string; readonly credential: string; readonly adds: boolean }
  | {
      readonly kind: 'create user';
      readonly name: string;
      readonly login: string | undefined;
      readonly without: boolean;
      readonly options: Options;
    }
  | { readonly kind: 'alter user'; readonly name: string; readonly options: Options }
  | { readonly kind: 'create role'; readonly name: string; readonly owner: string | undefined }
  | { readonly kind: 'create server role'; readonly name: string; readonly owner: string | undefined }
  | {
      readonly kind: 'role member';
      readonly server: boolean;
      readonly role: string;
      readonly member: string;
      readonly adds: boolean;
    }
  | { readonly kind: 'drop'; readonly what: 'LOGIN' | 'USER' | 'ROLE' | 'SERVER ROLE'; readonly name: string }
  | { readonly kind: 'authorization'; readonly on: On; readonly to: string }
);
