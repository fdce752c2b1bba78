import type { MysqlConnection } from '../connection.ts';
import { stringLiteral } from '../quoting.ts';
import type { Difference } from './differences.ts';
import { type Scope, scopeKey } from './rights.ts';

/** How many are looked for in one request. */
const atOnce = 100;

/**
 * Keys of the scopes whose table, column or routine does not exist: grants outlive what they are about, and
 * the server lets nobody give them again.
 *
 * The server shows a master what it has a right in: only of scopes whose rights the master may give does it
 * follow from the silence that there is nothing.
 */
export async function missingObjects(
  connection: MysqlConnection,
  differences: readonly Difference[],
): Promise<ReadonlySet<string>> {
  const wanted = new Map<string, string>();
  for (const difference of differences) {
    if (difference.kind !== 'grant' || difference.lacking.length === 0) continue;
    const search = searchFor(difference.scope);
    if (search !== undefined) wanted.set(scopeKey(difference.scope), search);
  }
  const missing = new Set(wanted.keys());
  const keys = [...wanted];
  for (let start = 0; start < keys.length; start += atOnce) {
    const batch = keys.slice(start, start + atOnce);
    const rows = await connection.query(
      batch
        .map(([, search], index) => `(SELECT ${start + index} AS found FROM ${search} LIMIT 1)`)
        .join('\nUNION ALL\n'),
    );
    for (const { found } of rows) missing.delete(keys[Number(found)]?.[0] ?? '');
  }
  return missing;
}

function searchFor(scope: Scope): string | undefined {
  switch (scope.level) {
    case 'table':
      return `information_schema.TABLES WHERE ${where(scope)}`;
    case 'column':
      return `information_schema.COLUMNS WHERE ${where(scope)} AND COLUMN_NAME = ${stringLiteral(scope.column)}`;
    case 'routine':
      return `information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ${stringLiteral(scope.database)} AND ROUTINE_NAME = ${stringLiteral(scope.routine)} AND ROUTINE_TYPE = ${stringLiteral(scope.kind)}`;
    default:
      return undefined;
  }
}

/** Before 8.0 the server opens this one table only, and not every one, if both names are compared for equality. */
function where({ database, table }: { readonly database: string; readonly table: string }): string {
  return `TABLE_SCHEMA = ${stringLiteral(database)} AND TABLE_NAME = ${stringLiteral(table)}`;
}
