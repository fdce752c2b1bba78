import { ora } from '../database/ora-error.ts';
import type { Condition, Expression, Query, Statement } from './statements.ts';
import type { TokenReader } from './token-reader.ts';

/** `SELECT … FROM [SYS.]view [WHERE … AND …] [UNION ALL SELECT …]`, after the word SELECT. */
export function parseSelect(read: TokenReader): Statement {
  const queries = [query(read)];
  while (read.take('UNION', 'ALL', 'SELECT')) queries.push(query(read));
  read.end();
  if (queries.some(({ columns }) => columns.length !== queries[0]?.columns.length)) throw ora(1789);
  return { kind: 'select', queries };
}

function query(read: TokenReader): Query {
  const columns = [expression(read)];
  while (read.take(',')) columns.push(expression(read));
  if (!read.take('FROM')) throw ora(933);
  let from = read.name(942);
  if (read.take('.')) {
    if (from !== 'SYS') throw ora(942);
    from = read.name(942);
  }
  const where: Condition[] = [];
  if (read.take('WHERE')) {
    do where.push(condition(read));
    while (read.take('AND'));
  }
  return { columns, from, where };
}

function expression(read: TokenReader): Expression {
  const token = read.peek();
  switch (token?.kind) {
    case 'string':
      return { kind: 'text', text: read.of('string', 936) };
    case 'number':
      return { kind: 'text', text: read.of('number', 936) };
    case 'bind':
      return { kind: 'bind', name: read.of('bind', 936) };
    case 'word':
    case 'name': {
      if (read.take('NULL')) return { kind: 'null' };
      const name = read.name();
      if (!read.take('(')) return { kind: 'column', name };
      const of = [expression(read)];
      while (read.take(',')) of.push(expression(read));
      if (!read.take(')')) throw ora(936);
      return { kind: 'call', name, of };
    }
    default:
      throw ora(936);
  }
}

function condition(read: TokenReader): Condition {
  if (read.take('ROWNUM', '<=')) return { kind: 'rows', most: Number(read.of('number', 936)) };
  const left = expression(read);
  if (read.take('=')) return { kind: 'in', left, values: [expression(read)] };
  if (read.take('<>')) return { kind: 'not', left, value: expression(read) };
  if (read.take('IS', 'NOT', 'NULL')) return { kind: 'null', left, not: true };
  if (read.take('IS', 'NULL')) return { kind: 'null', left, not: false };
  if (!read.take('IN', '(')) throw ora(936);
  const values = [expression(read)];
  while (read.take(',')) values.push(expression(read));
  if (!read.take(')')) throw ora(936);
  return { kind: 'in', left, values };
}
