import { ServerError, syntaxError } from '../front/server-error.ts';

/** A piece of a statement. */
export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly value: string }
  | { readonly kind: 'name'; readonly text: string; readonly value: string }
  | { readonly kind: 'text'; readonly text: string; readonly value: string }
  | { readonly kind: 'number'; readonly text: string; readonly value: string }
  | { readonly kind: 'sign'; readonly text: string; readonly value: string };

const patterns = {
  space: /(?:\s|--[^\n]*)+/y,
  word: /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y,
  number: /\d+(?:\.\d+)?/y,
  sign: /::|<>|<=|>=|!=|\|\||[()[\],.;=<>+\-*/%:?]/y,
};

/**
 * Cuts a text into tokens as PostgreSQL 8 does: a backslash escapes inside quotes, there is no E'', U&"" or $$, and
 * comments of the C kind are refused.
 */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(sql)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  while (at < sql.length) {
    if (take(patterns.space) !== undefined) continue;
    const start = at;
    const character = sql[at] ?? '';
    if (character === "'") {
      const value = readText(sql, at);
      at = value.end;
      tokens.push({ kind: 'text', text: sql.slice(start, at), value: value.text });
      continue;
    }
    if (character === '"') {
      const value = readName(sql, at);
      at = value.end;
      tokens.push({ kind: 'name', text: sql.slice(start, at), value: value.text });
      continue;
    }
    const word = take(patterns.word);
    if (word !== undefined) {
      // E'…', B'…', X'…', U&"…": of later versions, or of no use here.
      if (sql[at] === "'" || (sql[at] === '&' && /^u$/i.test(word))) throw syntaxError(sql.slice(start, at + 1));
      tokens.push({ kind: 'word', text: word, value: word.toLowerCase() });
      continue;
    }
    const number = take(patterns.number);
    const sign = number ?? take(patterns.sign);
    if (sign === undefined) throw syntaxError(character);
    tokens.push({ kind: number === undefined ? 'sign' : 'number', text: sign, value: sign });
  }
  return tokens;
}

interface Read {
  readonly text: string;
  readonly end: number;
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function readText(sql: string, start: number): Read {
  let text = '';
  for (let at = start + 1; at < sql.length; at += 1) {
    const character = sql[at] ?? '';
    if (character === "'") {
      if (sql[at + 1] !== "'") return { text, end: at + 1 };
      text += "'";
      at += 1;
    } else if (character === '\\') {
      const next = sql[at + 1] ?? '';
      const octal = /^[0-7]{1,3}/.exec(sql.slice(at + 1, at + 4))?.[0];
      text += octal === undefined ? (escapes[next] ?? next) : String.fromCharCode(Number.parseInt(octal, 8));
      at += octal?.length ?? 1;
    } else {
      text += character;
    }
  }
  throw new ServerError('42601', 'unterminated quoted string', 'yyerror');
}

function readName(sql: string, start: number): Read {
  let text = '';
  for (let at = start + 1; at < sql.length; at += 1) {
    const character = sql[at] ?? '';
    if (character !== '"') {
      text += character;
    } else if (sql[at + 1] === '"') {
      text += '"';
      at += 1;
    } else {
      if (text === '') throw new ServerError('42601', 'zero-length delimited identifier', 'yyerror');
      return { text, end: at + 1 };
    }
  }
  throw new ServerError('42601', 'unterminated quoted identifier', 'yyerror');
}
