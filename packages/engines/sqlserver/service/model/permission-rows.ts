import type { PermissionTable } from './permission-table.ts';
import type { PermissionRow } from './server-state.ts';
import { SqlError } from './sql-error.ts';

/** Everything of a row but its state. */
export type PermissionKey = Omit<PermissionRow, 'state'>;

function isOnSame(row: PermissionKey, key: PermissionKey): boolean {
  return row.class === key.class && row.major === key.major && row.name === key.name;
}

function same(row: PermissionKey, key: PermissionKey): boolean {
  return isOnSame(row, key) && row.minor === key.minor && row.grantee === key.grantee && row.grantor === key.grantor;
}

/** The grantee's rows but this one; what is about the whole takes the place of what was said of its columns, too. */
function others(table: PermissionTable, key: PermissionKey): readonly PermissionRow[] {
  const isWhole = key.class === 1 && key.minor === 0;
  return table.of([key.grantee]).filter((row) => !(isWhole ? same({ ...row, minor: 0 }, key) : same(row, key)));
}

function stateOf(table: PermissionTable, key: PermissionKey): PermissionRow['state'] | undefined {
  return table.of([key.grantee]).find((row) => same(row, key))?.state;
}

/** GRANT. A right that could be handed on already stays so. */
export function grant(table: PermissionTable, key: PermissionKey, withGrantOption: boolean): PermissionTable {
  const state = withGrantOption || stateOf(table, key) === 'W' ? 'W' : 'G';
  return table.replacing(key.grantee, [...others(table, key), { ...key, state }]);
}

/** DENY. @throws SqlError Msg 4611 for a right that can be handed on, without CASCADE */
export function deny(table: PermissionTable, key: PermissionKey, cascade: boolean): PermissionTable {
  const left = settleHandedOn(table, key, cascade);
  return left.replacing(key.grantee, [...others(left, key), { ...key, state: 'D' }]);
}

/** REVOKE, also of a DENY. Of a column it leaves an exception where the whole has the right. @throws SqlError Msg 4611 */
export function revoke(
  table: PermissionTable,
  key: PermissionKey,
  { grantOptionOnly, cascade }: { readonly grantOptionOnly: boolean; readonly cascade: boolean },
): PermissionTable {
  const before = stateOf(table, key);
  const left = settleHandedOn(table, key, cascade);
  const rest = others(left, key);
  if (grantOptionOnly && before === 'W') return left.replacing(key.grantee, [...rest, { ...key, state: 'G' }]);
  const whole = key.minor !== 0 && rest.some((row) => same(row, { ...key, minor: 0 }));
  return left.replacing(key.grantee, whole ? [...rest, { ...key, state: 'R' }] : rest);
}

/** What the grantee has handed on goes with its own, and what that one has handed on. */
function settleHandedOn(table: PermissionTable, key: PermissionKey, cascade: boolean): PermissionTable {
  if (stateOf(table, key) !== 'W') return table;
  if (!cascade) throw new SqlError(4611, 'To revoke or deny grantable privileges, specify the CASCADE option.');
  const gone = new Set([key.grantee]);
  for (const grantor of gone) {
    for (const row of table.givenBy(new Set([grantor]))) if (isOnSame(row, key)) gone.add(row.grantee);
  }
  return table.without((row) => isOnSame(row, key) && gone.has(row.grantor) && row.grantee !== key.grantee);
}
