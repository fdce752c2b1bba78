import { SqlError, syntaxError } from '../model/sql-error.ts';

/** A word, a name in brackets, a constant, or a sign. */
export interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'binary' | 'sign' | 'end';
  /** A name without its brackets, a text without its quotes, a word as it is written. */
  readonly value: string;
  readonly line: number;
}

const longestName = 128;

const skipped = /(?:\s+|--[^\n]*)+/y;
const simple: readonly (readonly [Token['kind'], RegExp])[] = [
  ['binary', /0[xX][0-9A-Fa-f]*/y],
  ['number', /\d+/y],
  ['word', /[\p{L}_@#][\p{L}\p{N}_@#$]*/uy],
  ['sign', /::|<>|<=|>=|!=|[-+*/%=<>(),.;]/y],
];

/** Cuts a batch into tokens, as the Transact-SQL reference says. @throws SqlError */
export function tokenize(sql: string): readonly Token[] {
  const found: Token[] = [];
  let at = 0;
  let line = 1;
  const pass = (to: number) => {
    for (let next = sql.indexOf('\n', at); next !== -1 && next < to; next = sql.indexOf('\n', next + 1)) line += 1;
    at = to;
  };
  const add = (kind: Token['kind'], value: string, to: number) => {
    found.push({ kind, value, line });
    pass(to);
  };
  while (at < sql.length) {
    const blank = matchAt(skipped, sql, at);
    if (blank !== undefined) pass(at + blank.length);
    else if (sql.startsWith('/*', at)) pass(endOfComment(sql, at));
    else {
      const first = sql[at] ?? '';
      if (first === '[') add('name', ...enclosed(sql, at, ']'));
      else if (first === '"') add('name', ...enclosed(sql, at, '"'));
      else if (first === "'") add('text', ...constant(sql, at));
      else if ((first === 'N' || first === 'n') && sql[at + 1] === "'") add('text', ...constant(sql, at + 1));
      else add(...simpleToken(sql, at));
    }
  }
  found.push({ kind: 'end', value: '', line });
  return found;
}

function matchAt(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

function simpleToken(sql: string, at: number): [kind: Token['kind'], value: string, to: number] {
  for (const [kind, pattern] of simple) {
    const matched = matchAt(pattern, sql, at);
    if (matched === undefined) continue;
    return [kind, kind === 'binary' ? `0x${matched.slice(2).toUpperCase()}` : matched, at + matched.length];
  }
  throw syntaxError(sql[at] ?? '');
}

/** Comments may lie within each other. */
function endOfComment(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at += 1) {
    if (sql.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (sql.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  throw new SqlError(113, "Missing end comment mark '*/'.", 15);
}

/** Reads up to the end sign; a doubled one is a part of what it encloses. */
function enclosed(sql: string, from: number, end: string): [value: string, to: number] {
  let value = '';
  for (let at = from + 1; ; ) {
    const next = sql.indexOf(end, at);
    if (next === -1) {
      throw new SqlError(
        105,
        `Unclosed quotation mark after the character string '${sql.slice(from, from + 40)}'.`,
        15,
      );
    }
    value += sql.slice(at, next);
    if (sql[next + 1] !== end) {
      if (end !== "'" && value.length > longestName) {
        throw new SqlError(
          103,
          `The identifier that starts with '${value.slice(0, 120)}' is too long. Maximum length is 128.`,
          15,
          4,
        );
      }
      return [value, next + 1];
    }
    value += end;
    at = next + 2;
  }
}

/** A backslash before a line break takes both out of the constant. */
function constant(sql: string, from: number): [value: string, to: number] {
  const [value, to] = enclosed(sql, from, "'");
  return [value.replace(/\\(?:\r\n|\n)/g, ''), to];
}
