import { refuseToParse } from './failure.ts';

type TokenKind = 'word' | 'string' | 'name' | 'number' | 'hex' | 'variable' | 'symbol';

/** A piece of a statement: a word as it stands, a string or a name without its quotes. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What the sql_mode of the session says of quotes and backslashes. */
export interface QuotingMode {
  readonly ansiQuotes: boolean;
  readonly noBackslashEscapes: boolean;
}

const escapes: Readonly<Record<string, string>> = { '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' };
const plain: readonly (readonly [RegExp, TokenKind])[] = [
  [/0x(?:[0-9a-fA-F]{2})+\b/y, 'hex'],
  [/\d+(?:\.\d+)?/y, 'number'],
  [/@@(?:(?:SESSION|GLOBAL)\.)?[a-z_]+/iy, 'variable'],
  [/[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*/y, 'word'],
  [/[.,()=*@;]/y, 'symbol'],
];

/** The pieces of a statement. A comment, or a character that stands nowhere, is refused like any other error. */
export function tokensOf(sql: string, mode: QuotingMode): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const character = sql[at] ?? '';
    if (/\s/.test(character)) {
      at += 1;
      continue;
    }
    const token = quotedToken(sql, at, mode) ?? plainToken(sql, at);
    if (token === undefined) refuseToParse(sql.slice(at));
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function plainToken(sql: string, at: number): Token | undefined {
  for (const [pattern, kind] of plain) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { kind, text, start: at, end: at + text.length };
  }
  return undefined;
}

function quotedToken(sql: string, start: number, { ansiQuotes, noBackslashEscapes }: QuotingMode): Token | undefined {
  const quote = sql[start] ?? '';
  if (!['`', "'", '"'].includes(quote)) return undefined;
  const kind = quote === '`' || (quote === '"' && ansiQuotes) ? 'name' : 'string';
  let text = '';
  for (let at = start + 1; at < sql.length; at += 1) {
    const character = sql[at] ?? '';
    if (character === '\\' && kind === 'string' && !noBackslashEscapes) {
      at += 1;
      text += escapes[sql[at] ?? ''] ?? sql[at] ?? '';
    } else if (character !== quote) {
      text += character;
    } else if (sql[at + 1] === quote) {
      text += quote;
      at += 1;
    } else {
      return { kind, text, start, end: at + 1 };
    }
  }
  return refuseToParse(sql.slice(start));
}
