import { namesIn } from './account.ts';
import { shown } from './database.ts';
import type { Result } from './execute.ts';
import { refuse } from './failure.ts';
import { heldAt } from './rights.ts';
import type { Session } from './session.ts';
import { quotedAccount } from './show.ts';
import type { Column, Match, Select } from './statement.ts';
import { systemTable, type TableRow } from './system-tables.ts';

/** Runs the parts of a UNION ALL, or the one SELECT. */
export function select(session: Session, parts: readonly Select[]): Result {
  const results = parts.map((part) => selectOne(session, part));
  const columns = results[0]?.columns ?? [];
  if (results.some((result) => result.columns.length !== columns.length)) {
    refuse(1222, 'The used SELECT statements have a different number of columns');
  }
  return { columns, rows: results.flatMap(({ rows }) => rows) };
}

function selectOne(session: Session, { columns, from, where, orderBy, limit }: Select): Result {
  if (from === undefined) {
    return {
      columns: columns.map(nameOf),
      rows: [Object.fromEntries(columns.map((one) => [nameOf(one), value(session, one)]))],
    };
  }
  const name = `${from.database}.${from.database === 'information_schema' ? from.table.toUpperCase() : from.table}`;
  if (from.database === 'mysql') needSelect(session, from.table);
  const users = where.find(({ column }) => ['USER', 'TO_USER'].includes(column.toUpperCase()))?.values;
  const table = systemTable(session.database, name, users) ?? refuse(1146, `Table '${name}' doesn't exist`);
  // An empty table has its columns, too; the administrator is in each that is read as a whole.
  const known = Object.keys(table[0] ?? systemTable(session.database, name, undefined)?.[0] ?? {});
  let rows = table.filter((row) => mayKnow(session, row) && where.every((match) => matches(row, match)));
  if (orderBy !== undefined)
    rows = [...rows].sort((one, other) => (textOf(one, orderBy) < textOf(other, orderBy) ? -1 : 1));
  if (limit !== undefined) rows = rows.slice(0, limit);
  const all = columns.some(({ kind }) => kind === 'all');
  if (all) return { columns: known, rows };
  return {
    columns: columns.map(nameOf),
    rows: rows.map((row) =>
      Object.fromEntries(
        columns.map((one) => [nameOf(one), one.kind === 'column' ? cell(row, one) : value(session, one)]),
      ),
    ),
  };
}

function cell(row: TableRow, { name, asText }: Extract<Column, { kind: 'column' }>): string | number | null {
  const found = row[keyIn(row, name)] ?? null;
  return asText && found !== null ? String(found) : found;
}

function nameOf(column: Column): string {
  return column.kind === 'all' ? '*' : column.as;
}

function value(session: Session, column: Column): string | number | null {
  const { database, name } = session;
  if (column.kind === 'number') return column.value;
  if (column.kind === 'text') return column.text;
  if (column.kind === 'variable') {
    if (column.name === 'mandatory_roles' && database.version.hasRoles) return database.settings.mandatoryRoles;
    if (column.name === 'sql_mode') return [...session.sqlMode].join(',');
    return refuse(1193, `Unknown system variable '${column.name}'`);
  }
  if (column.kind !== 'function') return refuse(1054, 'Unknown column');
  switch (column.name) {
    case 'VERSION':
      return database.version.text;
    case 'CONNECTION_ID':
      return session.id;
    case 'CURRENT_USER':
      return name === undefined ? 'root@localhost' : `${name.user}@${name.host}`;
    case 'CURRENT_ROLE': {
      const roles = session.activeRoles.map((key) => {
        const [user = '', host = ''] = namesIn(key);
        return quotedAccount({ user, host });
      });
      return roles.length === 0 ? 'NONE' : roles.sort().join(',');
    }
    default:
      return refuse(1305, `FUNCTION ${column.name} does not exist`);
  }
}

function needSelect(session: Session, table: string): void {
  if (session.isServer) return;
  if (heldAt(session, { kind: 'table', database: 'mysql', table }).has('SELECT')) return;
  refuse(1142, `SELECT command denied to user ${shown(session.name ?? { user: '', host: '' })} for table '${table}'`);
}

/** In information_schema one sees what one has a right in. */
function mayKnow(session: Session, row: TableRow): boolean {
  const database = row.TABLE_SCHEMA ?? row.ROUTINE_SCHEMA;
  if (session.isServer || typeof database !== 'string') return true;
  const level =
    row.ROUTINE_NAME === undefined
      ? ({ kind: 'table', database, table: String(row.TABLE_NAME) } as const)
      : ({ kind: 'routine', routine: String(row.ROUTINE_TYPE), database, name: String(row.ROUTINE_NAME) } as const);
  return heldAt(session, level).size > 0;
}

function keyIn(row: TableRow, name: string): string {
  const key = Object.keys(row).find((column) => column.toLowerCase() === name.toLowerCase());
  return key ?? refuse(1054, `Unknown column '${name}' in 'field list'`);
}

function textOf(row: TableRow, column: string): string {
  return String(row[keyIn(row, column)] ?? '');
}

function matches(row: TableRow, { column, values }: Match): boolean {
  return values.includes(textOf(row, column));
}
