import type { PermissionRow } from './server-state.ts';

/** Rows of permissions, by who has them. A change makes another table: the one before stays as it was. */
export class PermissionTable {
  readonly #byGrantee: ReadonlyMap<number, readonly PermissionRow[]>;

  constructor(rows: Iterable<PermissionRow> | ReadonlyMap<number, readonly PermissionRow[]> = []) {
    this.#byGrantee =
      rows instanceof Map ? rows : Map.groupBy(rows as Iterable<PermissionRow>, ({ grantee }) => grantee);
  }

  /** All rows. */
  *all(): Generator<PermissionRow> {
    for (const rows of this.#byGrantee.values()) yield* rows;
  }

  /** The rows of these principals. */
  of(...grantees: Iterable<number>[]): readonly PermissionRow[] {
    return grantees.flatMap((each) => [...each].flatMap((grantee) => this.#byGrantee.get(grantee) ?? []));
  }

  /** The rows that these principals have given. */
  givenBy(grantors: ReadonlySet<number>): readonly PermissionRow[] {
    const found: PermissionRow[] = [];
    for (const rows of this.#byGrantee.values()) for (const row of rows) if (grantors.has(row.grantor)) found.push(row);
    return found;
  }

  /** The same with one more row. */
  with(row: PermissionRow): PermissionTable {
    return this.replacing(row.grantee, [...this.of([row.grantee]), row]);
  }

  /** The same with these rows for one principal, and no others. */
  replacing(grantee: number, rows: readonly PermissionRow[]): PermissionTable {
    return new PermissionTable(new Map(this.#byGrantee).set(grantee, rows));
  }

  /** The same without rows that are like this. */
  without(unwanted: (row: PermissionRow) => boolean): PermissionTable {
    const left = new Map(this.#byGrantee);
    for (const [grantee, rows] of left) {
      if (rows.some(unwanted))
        left.set(
          grantee,
          rows.filter((row) => !unwanted(row)),
        );
    }
    return new PermissionTable(left);
  }
}
