import { ora } from '../database/ora-error.ts';

/** One word of a statement. */
export interface Token {
  /** `word`: an unquoted name or keyword, in upper case; `name`: a quoted one as it is. */
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'bind' | 'sign';
  readonly text: string;
}

const patterns: readonly (readonly [Token['kind'] | 'space', RegExp])[] = [
  ['space', /\s+/y],
  ['word', /[A-Za-z\u0080-\uffff][\w$#\u0080-\uffff]*/y],
  ['number', /\d+/y],
  ['bind', /:\w+/y],
  ['name', /"[^"\0]*"/y],
  ['string', /'(?:[^']|'')*'/y],
  ['sign', /<>|>=|<=|\|\||[(),.=;*<>-]/y],
];

/** Splits a statement as the server does. @throws OraError for what is none */
export function tokens(sql: string): readonly Token[] {
  const found: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const [kind, text] = next(sql, at);
    at += text.length;
    if (kind === 'space') continue;
    if (kind === 'word') found.push({ kind, text: text.toUpperCase() });
    else if (kind === 'name') found.push({ kind, text: nameIn(text) });
    else if (kind === 'string') found.push({ kind, text: text.slice(1, -1).replaceAll("''", "'") });
    else found.push({ kind, text });
  }
  return found;
}

function next(sql: string, at: number): readonly [Token['kind'] | 'space', string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return [kind, text];
  }
  throw ora(sql[at] === '"' ? 1740 : sql[at] === "'" ? 1756 : 911);
}

function nameIn(quoted: string): string {
  const name = quoted.slice(1, -1);
  if (name === '') throw ora(1741);
  return name;
}
