import { refuseToParse } from './failure.ts';
import type { DoubleVersion } from './server-version.ts';
import { type QuotingMode, type Token, tokensOf } from './tokens.ts';

/** An account as statements name it; undefined stands for the account of the session. */
export interface AccountName {
  readonly user: string;
  readonly host: string;
}

/** Words that never stand for a name without quotes, as far as the statements here need it. */
const reserved: readonly string[] = [
  ...['ALL', 'ALTER', 'AND', 'AS', 'BY', 'CREATE', 'DEFAULT', 'DELETE', 'DROP', 'FROM', 'GRANT', 'IN', 'INSERT'],
  ...['LIMIT', 'ON', 'OPTION', 'ORDER', 'REQUIRE', 'REVOKE', 'SELECT', 'SET', 'TO', 'UNION', 'UPDATE', 'WHERE', 'WITH'],
];

/** Reads a statement from its start to its end, and refuses what it does not expect. */
export class Cursor {
  readonly version: DoubleVersion;
  /** Where passwords stand in the text: what the log must not show. */
  readonly secrets: Token[] = [];
  readonly #sql: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(sql: string, mode: QuotingMode, version: DoubleVersion) {
    this.version = version;
    this.#sql = sql;
    this.#tokens = tokensOf(sql, mode);
  }

  /** The next piece; undefined at the end. */
  get next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  /** Whether the next words are these; then they are passed. */
  takes(...words: readonly string[]): boolean {
    const there = words.every((word, index) => {
      const token = this.#tokens[this.#at + index];
      return token?.kind === 'word' && token.text.toUpperCase() === word;
    });
    if (there) this.#at += words.length;
    return there;
  }

  expects(...words: readonly string[]): void {
    if (!this.takes(...words)) this.refuse();
  }

  /** The same for a symbol. */
  takesSymbol(symbol: string): boolean {
    const there = this.next?.kind === 'symbol' && this.next.text === symbol;
    if (there) this.#at += 1;
    return there;
  }

  expectsSymbol(symbol: string): void {
    if (!this.takesSymbol(symbol)) this.refuse();
  }

  /** One of these words, as it is written here. */
  oneOf<W extends string>(...words: readonly W[]): W {
    return words.find((word) => this.takes(...word.split(' '))) ?? this.refuse();
  }

  string(): string {
    return this.#take('string').text;
  }

  /** A password, which the log shows as <secret>. */
  secret(): string {
    const token = this.#take('string');
    this.secrets.push(token);
    return token.text;
  }

  number(): number {
    return Number(this.#take('number').text);
  }

  /** A string or the bytes of a hexadecimal literal, as text. */
  text(): string {
    if (this.next?.kind === 'hex') return Buffer.from(this.#take('hex').text.slice(2), 'hex').toString('utf8');
    return this.string();
  }

  variable(): string {
    return this.#take('variable')
      .text.replace(/^@@(?:session\.|global\.)?/i, '')
      .toLowerCase();
  }

  /** A name in backticks, or a word that is not reserved. */
  name(): string {
    const { next } = this;
    if (next?.kind === 'name') return this.#take('name').text;
    if (next?.kind !== 'word' || reserved.includes(next.text.toUpperCase())) this.refuse();
    return this.#take('word').text;
  }

  word(): string {
    return this.#take('word').text.toUpperCase();
  }

  /** `user@host`; without a host it is for all of them. */
  account(): AccountName | undefined {
    if (this.takes('CURRENT_USER')) {
      if (this.takesSymbol('(')) this.expectsSymbol(')');
      return undefined;
    }
    const user = this.#part();
    return { user, host: this.takesSymbol('@') ? this.#part().toLowerCase() : '%' };
  }

  /** What `read` reads, separated by commas. */
  list<T>(read: () => T): T[] {
    const found = [read()];
    while (this.takesSymbol(',')) found.push(read());
    return found;
  }

  /** Which of these words comes first from here on; undefined if none does. */
  firstOf(...words: readonly string[]): string | undefined {
    const rest = this.#tokens.slice(this.#at).filter(({ kind }) => kind === 'word');
    return rest.map(({ text }) => text.toUpperCase()).find((word) => words.includes(word));
  }

  /** The words that follow each other from here on, at most so many. */
  wordsAhead(most: number): readonly string[] {
    const found: string[] = [];
    for (const { kind, text } of this.#tokens.slice(this.#at, this.#at + most)) {
      if (kind !== 'word') break;
      found.push(text.toUpperCase());
    }
    return found;
  }

  end(): void {
    this.takesSymbol(';');
    if (this.next !== undefined) this.refuse();
  }

  refuse(): never {
    return refuseToParse(this.#sql.slice(this.next?.start ?? this.#sql.length));
  }

  #part(): string {
    return this.next?.kind === 'string' ? this.string() : this.name();
  }

  #take(kind: Token['kind']): Token {
    const token = this.next;
    if (token?.kind !== kind) this.refuse();
    this.#at += 1;
    return token;
  }
}
