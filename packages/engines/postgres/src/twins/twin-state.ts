import type { TwinPair } from '@keyturn/core';
import type { PgConnection } from '@keyturn/driver-pg';
import { statementError } from '../statement-errors.ts';
import { plainCatalogue, stateSql } from './state-query.ts';

/** What the catalogue says of two roles that take turns. Names are those of the session's encoding. */
export interface TwinState {
  /** server_version_num: 160004 is 16.4. */
  readonly version: number;
  /** The database of the connection. */
  readonly database: string;
  /** What a role of the twin's name is called in this session. */
  readonly twinName: string;
  readonly me: { readonly name: string; readonly super: boolean; readonly createrole: boolean };
  readonly base: Role | undefined;
  readonly twin: Role | undefined;
  readonly settings: readonly RoleSettings[];
  /** Where a role as which the base may act is set for whoever logs in to a database, or anywhere. */
  readonly rolesOfDatabases: readonly { readonly database: string | null; readonly role: string }[];
  /** What the two roles are direct members of. */
  readonly memberships: readonly Membership[];
  /** Direct members of rds_iam through which one of the two belongs to it. */
  readonly iamMembers: readonly string[];
  /** Where the twin has grants, objects or policies of its own. */
  readonly ownEntries: readonly OwnEntries[];
}

export interface Role {
  readonly name: string;
  readonly login: boolean;
  readonly super: boolean;
  /** Whether this session has the ADMIN OPTION on it. */
  readonly administered: boolean;
  readonly attributes: Readonly<Record<string, boolean>>;
  readonly connectionLimit: number;
  /** As text that the server reads back: `infinity` where there is none. */
  readonly validUntil: string;
}

/** One row of pg_db_role_setting. */
interface RoleSettings {
  readonly isBase: boolean;
  /** `null`: every database. */
  readonly database: string | null;
  /** `name=value`, the value as the server keeps it. */
  readonly config: readonly string[];
}

/** One row of pg_auth_members; before PostgreSQL 16, INHERIT and SET are always so. */
export interface Membership {
  readonly role: string;
  readonly member: string;
  readonly grantor: string;
  readonly roleIs: 'base' | 'twin' | 'other';
  readonly memberIs: 'base' | 'twin';
  readonly grantorIsTwin: boolean;
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
}

/** How many entries of the twin's own a database has. */
export interface OwnEntries {
  /** `null`: what all databases share. */
  readonly database: string | null;
  readonly here: boolean;
  readonly count: number;
}

/** Reads the two roles in one round trip. @throws RotationError */
export async function readTwinState(
  connection: PgConnection,
  pair: Pick<TwinPair, 'base' | 'twin'>,
): Promise<TwinState> {
  try {
    return stateOf(await connection.run(`${plainCatalogue}; ${stateSql(pair.base, pair.twin)}`));
  } catch (error) {
    throw statementError(error, connection.where, 'rights');
  }
}

/** The state in the rows of {@link stateSql}. */
export function stateOf(rows: readonly Record<string, unknown>[]): TwinState {
  const read = rows[0]?.state as Json;
  return {
    ...read,
    base: read.roles?.find((role) => role.isBase),
    twin: read.roles?.find((role) => !role.isBase),
    settings: read.settings ?? [],
    rolesOfDatabases: read.rolesOfDatabases ?? [],
    memberships: read.memberships ?? [],
    iamMembers: [...new Set(read.iamMembers ?? [])],
    ownEntries: read.ownEntries ?? [],
  };
}

type Lists = 'settings' | 'rolesOfDatabases' | 'memberships' | 'iamMembers' | 'ownEntries';

/** Aggregates of nothing are null. */
type Json = Omit<TwinState, 'base' | 'twin' | Lists> & {
  readonly [List in Lists]: TwinState[List] | null;
} & { readonly roles: readonly (Role & { readonly isBase: boolean })[] | null };
