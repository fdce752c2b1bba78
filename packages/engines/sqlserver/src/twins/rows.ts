import type { Row } from '../connection.ts';

/** The rows that are about this principal. */
export function ofHolder(rows: readonly Row[], id: unknown): readonly Row[] {
  return rows.filter(({ holder }) => holder === id);
}

/** Rows of permissions handed on: by group, those who have them. */
export function grouped(rows: readonly Row[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const row of rows) {
    const group = `${row.class}:${row.major}:${row.name}`;
    found.set(group, [...(found.get(group) ?? []), String(row.grantee)]);
  }
  return found;
}
