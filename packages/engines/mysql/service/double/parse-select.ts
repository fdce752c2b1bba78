import type { Cursor } from './cursor.ts';
import type { Column, Match, Select, Statement } from './statement.ts';

/** SELECT, and several of them in parentheses with UNION ALL between them. */
export function parseSelect(cursor: Cursor): Statement {
  if (cursor.next?.text !== '(') {
    const select = parseOne(cursor);
    const [first] = select.columns;
    return first?.kind === 'function' && first.name === 'SLEEP'
      ? { kind: 'sleep' }
      : { kind: 'select', parts: [select] };
  }
  const parts: Select[] = [];
  do {
    cursor.expectsSymbol('(');
    parts.push(parseOne(cursor));
    cursor.expectsSymbol(')');
  } while (cursor.takes('UNION', 'ALL'));
  return { kind: 'select', parts };
}

function parseOne(cursor: Cursor): Select {
  cursor.expects('SELECT');
  const columns = cursor.list(() => parseColumn(cursor));
  if (!cursor.takes('FROM')) return { columns, where: [] };
  const database = cursor.name();
  cursor.expectsSymbol('.');
  const from = { database: database.toLowerCase(), table: cursor.name() };
  const where: Match[] = [];
  if (cursor.takes('WHERE')) {
    do where.push(parseMatch(cursor));
    while (cursor.takes('AND'));
  }
  const orderBy = cursor.takes('ORDER', 'BY') ? cursor.name() : undefined;
  const limit = cursor.takes('LIMIT') ? cursor.number() : undefined;
  return {
    columns,
    from,
    where,
    ...(orderBy === undefined ? {} : { orderBy }),
    ...(limit === undefined ? {} : { limit }),
  };
}

const functions: readonly string[] = ['VERSION', 'CURRENT_USER', 'CURRENT_ROLE', 'CONNECTION_ID', 'SLEEP'];

function parseColumn(cursor: Cursor): Column {
  if (cursor.takesSymbol('*')) return { kind: 'all' };
  if (cursor.next?.kind === 'number') {
    const value = cursor.number();
    return { kind: 'number', value, as: alias(cursor, String(value)) };
  }
  if (cursor.next?.kind === 'variable') {
    const name = cursor.variable();
    return { kind: 'variable', name, as: alias(cursor, `@@${name}`) };
  }
  const converts = cursor.takes('CONVERT');
  if (converts) cursor.expectsSymbol('(');
  if (cursor.next?.kind === 'string') {
    const text = cursor.string();
    if (converts) expectsConversion(cursor);
    return { kind: 'text', text, as: alias(cursor, text) };
  }
  const name = cursor.name();
  if (converts) expectsConversion(cursor);
  if (converts || !cursor.takesSymbol('(')) return { kind: 'column', name, as: alias(cursor, name), asText: converts };
  const called = name.toUpperCase();
  if (!functions.includes(called) || (called === 'CURRENT_ROLE' && !cursor.version.hasRoles)) cursor.refuse();
  if (called === 'SLEEP') cursor.number();
  cursor.expectsSymbol(')');
  return { kind: 'function', name: called, as: alias(cursor, `${name}()`) };
}

function expectsConversion(cursor: Cursor): void {
  cursor.expects('USING', 'UTF8MB4');
  cursor.expectsSymbol(')');
  cursor.expects('COLLATE', 'UTF8MB4_BIN');
}

function alias(cursor: Cursor, otherwise: string): string {
  return cursor.takes('AS') ? cursor.name() : otherwise;
}

function parseMatch(cursor: Cursor): Match {
  if (cursor.takes('CAST')) {
    cursor.expectsSymbol('(');
    const column = cursor.name();
    cursor.expects('AS', 'BINARY');
    cursor.expectsSymbol(')');
    cursor.expects('IN');
    cursor.expectsSymbol('(');
    const values = cursor.list(() => cursor.text());
    cursor.expectsSymbol(')');
    return { column, values };
  }
  const column = cursor.name();
  cursor.expectsSymbol('=');
  return { column, values: [cursor.text()] };
}
