import type { PgConnection } from '@keyturn/driver-pg';
import { statementError } from '../statement-errors.ts';
import { ownRightsSql } from './own-rights-query.ts';
import { plainCatalogue } from './state-query.ts';

/** What the twin holds of its own in one database, and in what databases share. */
export interface OwnRights {
  /** Some of the objects it owns, for people. */
  readonly owned: readonly string[];
  readonly ownedCount: number;
  readonly grants: readonly GrantedObject[];
  readonly policies: readonly Policy[];
  readonly defaults: readonly DefaultPrivileges[];
  /** Memberships that it has granted; from PostgreSQL 16 on they hang on it. */
  readonly memberships: readonly GivenMembership[];
  /** Objects of a kind that cannot be moved, for people. */
  readonly others: readonly string[];
}

/** An object, owned by somebody else, whose access list names the twin. */
export interface GrantedObject {
  /** As GRANT calls it, or COLUMN. */
  readonly kind: string;
  readonly schema: string | null;
  readonly name: string;
  readonly column: string | null;
  /** The types of a routine's arguments, as SQL. */
  readonly arguments: string | null;
  readonly owner: string;
  readonly ownerIsBase: boolean;
  readonly items: readonly AclItem[];
}

export interface AclItem {
  readonly grantor: string;
  /** `null`: PUBLIC. */
  readonly grantee: string | null;
  readonly by: 'twin' | 'other';
  readonly to: 'twin' | 'base' | 'other';
  readonly privilege: string;
  readonly grantable: boolean;
}

/** A row-security policy that names the twin. */
export interface Policy {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly owner: string;
  /** Whom it shall be for: the base in the twin's place. */
  readonly roles: readonly string[];
}

/** One row of pg_default_acl. */
export interface DefaultPrivileges {
  readonly role: string;
  readonly of: 'twin' | 'base' | 'other';
  readonly schema: string | null;
  /** pg_default_acl.defaclobjtype */
  readonly type: string;
  readonly items: readonly AclItem[] | null;
  /** What the server gives where nothing is set. */
  readonly builtIn: readonly AclItem[] | null;
}

export interface GivenMembership {
  readonly role: string;
  readonly member: string;
  readonly memberIs: 'base' | 'twin' | 'other';
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
}

/** Reads them in one round trip, in the database of the connection. @throws RotationError */
export async function readOwnRights(
  connection: PgConnection,
  pair: { readonly base: string; readonly twin: string },
  version: number,
): Promise<OwnRights> {
  try {
    const [row] = await connection.run(`${plainCatalogue}; ${ownRightsSql(pair.base, pair.twin, version)}`);
    const read = row?.rights as { readonly [Key in keyof OwnRights]: OwnRights[Key] | null };
    return {
      owned: read.owned ?? [],
      ownedCount: read.ownedCount ?? 0,
      grants: read.grants ?? [],
      policies: read.policies ?? [],
      defaults: read.defaults ?? [],
      memberships: read.memberships ?? [],
      others: read.others ?? [],
    };
  } catch (error) {
    throw statementError(error, connection.where, 'rights');
  }
}
