import { nameKey, sameName } from '../model/names.ts';
import type { Session } from '../model/session.ts';
import { SqlError } from '../model/sql-error.ts';
import type { Cell, ResultSet } from '../tds/tokens.ts';
import { viewOf } from './catalogue.ts';
import { evaluate, invalidColumn, type Scope } from './evaluate.ts';
import type { Expression, Value } from './expression.ts';
import type { Select, Source } from './statements.ts';
import type { Wanted } from './view.ts';

type Row = Readonly<Record<string, Value>>;

interface Joined {
  readonly alias: string;
  readonly columns: readonly string[];
  readonly row: Row | undefined;
}

/** Runs a SELECT. @throws SqlError, also for a column that no row would have needed */
export function select(session: Session, { columns, from, where }: Select): ResultSet {
  const conditions = where === undefined ? [] : conjuncts(where);
  const views = from.map((source) => ({
    source,
    view: viewOf(session, source.path, wantedOf(source, from, conditions)),
  }));
  const shape: readonly Joined[] = views.map(({ source, view }) => ({
    alias: source.alias,
    columns: view.columns,
    row: undefined,
  }));
  for (const { value } of columns) checkColumns(value, shape);
  if (where !== undefined) checkColumns(where, shape);
  let joined: readonly (readonly Joined[])[] = [[]];
  let left = conditions;
  for (const [index, { source, view }] of views.entries()) {
    const inReach = shape.slice(0, index + 1);
    if (source.on !== undefined) checkColumns(source.on, inReach);
    joined = joined.flatMap((before) => join(session, before, source, view.columns, view.rows));
    // What can be asked of the views so far is asked before the next is joined.
    const now = left.filter((condition) => isBound(condition, inReach));
    left = left.filter((condition) => !now.includes(condition));
    joined = joined.filter((rows) => now.every((condition) => evaluate(condition, scopeOf(rows), session) === true));
  }
  const kept = joined.filter((rows) => left.every((condition) => evaluate(condition, scopeOf(rows), session) === true));
  return {
    columns: columns.map(({ name }) => name),
    rows: kept.map((rows) => columns.map(({ value }) => cell(evaluate(value, scopeOf(rows), session)))),
  };
}

function conjuncts(condition: Expression): readonly Expression[] {
  if (condition.kind !== 'binary' || condition.sign !== 'AND') return [condition];
  return [...conjuncts(condition.left), ...conjuncts(condition.right)];
}

/** Conditions of the form `alias.column IN (numbers)`, for the view to make no other rows. */
function wantedOf({ alias }: Source, from: readonly Source[], conditions: readonly Expression[]): Wanted {
  const found = new Map<string, ReadonlySet<number>>();
  for (const condition of conditions) {
    if (condition.kind !== 'in' || condition.negated || condition.value.kind !== 'column') continue;
    const { path } = condition.value;
    const isMine = path.length > 1 ? nameKey(path[0] ?? '') === nameKey(alias) : from.length === 1;
    const numbers = condition.list.map((each) => (each.kind === 'constant' ? each.value : null));
    if (!isMine || !numbers.every((each) => typeof each === 'number')) continue;
    found.set((path.at(-1) ?? '').toLowerCase(), new Set(numbers));
  }
  return found;
}

function isBound(condition: Expression, inReach: readonly Joined[]): boolean {
  try {
    checkColumns(condition, inReach);
    return true;
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}

function join(
  session: Session,
  before: readonly Joined[],
  { alias, join: kind, on }: Source,
  columns: readonly string[],
  rows: readonly Row[],
): readonly (readonly Joined[])[] {
  const all = rows.map((row): readonly Joined[] => [...before, { alias, columns, row }]);
  if (on === undefined) return all;
  const matching = all.filter((candidate) => evaluate(on, scopeOf(candidate), session) === true);
  return matching.length === 0 && kind === 'left' ? [[...before, { alias, columns, row: undefined }]] : matching;
}

/** Where a column is found: the same for every row. */
interface Bound {
  readonly index: number;
  readonly column: string;
}

/** By the path in the parsed statement, which belongs to one place in it. */
const bindings = new WeakMap<readonly string[], Bound>();

function scopeOf(joined: readonly Joined[]): Scope {
  return (path) => {
    const { index, column } = bindings.get(path) ?? resolve(path, joined);
    return joined[index]?.row?.[column] ?? null;
  };
}

function resolve(path: readonly string[], joined: readonly Joined[]): Bound {
  const name = path.at(-1) ?? '';
  const qualifier = path.length > 1 ? path.slice(0, -1).join('.') : undefined;
  const sources = [...joined.entries()].filter(
    ([, { alias }]) => qualifier === undefined || sameName(alias, qualifier),
  );
  const found = sources.flatMap(([index, { columns }]) => {
    const column = columns.find((each) => sameName(each, name));
    return column === undefined ? [] : [{ index, column }];
  });
  if (found.length > 1) throw new SqlError(209, `Ambiguous column name '${name}'.`);
  // A known alias with an unknown column is Msg 207, an unknown alias 4104.
  if (found[0] === undefined) throw invalidColumn(sources.length > 0 ? [name] : path);
  bindings.set(path, found[0]);
  return found[0];
}

function checkColumns(expression: Expression, joined: readonly Joined[]): void {
  switch (expression.kind) {
    case 'column':
      resolve(expression.path, joined);
      return;
    case 'call':
      for (const each of expression.args) checkColumns(each, joined);
      return;
    case 'in':
      for (const each of [expression.value, ...expression.list]) checkColumns(each, joined);
      return;
    case 'binary':
      checkColumns(expression.left, joined);
      checkColumns(expression.right, joined);
      return;
    case 'convert':
    case 'not':
    case 'null':
      checkColumns(expression.value, joined);
      return;
    case 'constant':
      return;
  }
}

function cell(value: Value): Cell {
  // Bytes would be a type of their own on the wire: the statements here ask for them as text.
  if (typeof value === 'object' && value !== null) throw new Error('a binary column: convert it to text');
  return value;
}
