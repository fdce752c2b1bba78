import pg from 'pg';
import type { Grantee } from '../grammar/statement.ts';

/** Redshift's groups and roles are names apart from its users'; in the PostgreSQL below they are roles with these before their names. */
const prefixes = { user: '', group: 'group:', role: 'role:', public: '' } as const;

/** The role of the PostgreSQL below, as SQL. */
export function roleOf({ type, name }: Grantee): string {
  return type === 'public' ? 'PUBLIC' : pg.escapeIdentifier(prefixes[type] + name);
}

export const userRole = (name: string): string => roleOf({ type: 'user', name });
export const groupRole = (name: string): string => roleOf({ type: 'group', name });
export const redshiftRole = (name: string): string => roleOf({ type: 'role', name });

/** Names with dots between them, as SQL. */
export const dotted = (names: readonly string[]): string => names.map((name) => pg.escapeIdentifier(name)).join('.');

/** A text array, as SQL. */
export const textArray = (values: readonly string[]): string =>
  `ARRAY[${values.map((value) => pg.escapeLiteral(value)).join(', ')}]::text[]`;
