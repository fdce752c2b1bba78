import { syntaxError } from '../front/server-error.ts';
import type { Token } from './tokens.ts';

/** Reads the tokens of one statement from left to right. */
export class Cursor {
  readonly #tokens: readonly Token[];
  readonly #caseSensitive: boolean;
  #at = 0;

  constructor(tokens: readonly Token[], caseSensitive: boolean) {
    this.#tokens = tokens;
    this.#caseSensitive = caseSensitive;
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  next(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw syntaxError('end of input');
    this.#at += 1;
    return token;
  }

  /** Whether these words come next. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, index) => {
      const token = this.peek(index);
      return (token?.kind === 'word' || token?.kind === 'sign') && token.value === word;
    });
  }

  /** Takes these words if they come next. */
  takes(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false;
    this.#at += words.length;
    return true;
  }

  needs(...words: readonly string[]): void {
    if (!this.takes(...words)) throw this.error();
  }

  /** Takes one of these words. */
  choice<T extends string>(...words: readonly T[]): T {
    const word = words.find((each) => this.takes(each));
    if (word === undefined) throw this.error();
    return word;
  }

  end(): void {
    if (!this.done) throw this.error();
  }

  /** A name; ASCII letters are folded, also of delimited ones, unless the session tells case apart. */
  name(): string {
    const token = this.next();
    if (token.kind === 'word') return token.value;
    if (token.kind !== 'name') throw syntaxError(token.text);
    return this.#caseSensitive ? token.value : token.value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  }

  /** The name of a role: one with a namespace, such as sys:monitor, needs no quotes. */
  roleName(): string {
    const name = this.name();
    return this.takes(':') ? `${name}:${this.name()}` : name;
  }

  /** The name of a user: a delimited one keeps its case whatever the session says. */
  userName(): string {
    const token = this.next();
    if (token.kind !== 'word' && token.kind !== 'name') throw syntaxError(token.text);
    return token.value;
  }

  /** Names with dots between them. */
  dotted(): readonly string[] {
    const names = [this.name()];
    while (this.takes('.')) names.push(this.name());
    return names;
  }

  text(): string {
    const token = this.next();
    if (token.kind !== 'text') throw syntaxError(token.text);
    return token.value;
  }

  integer(): number {
    const token = this.next();
    if (token.kind !== 'number' || !/^\d+$/.test(token.value)) throw syntaxError(token.text);
    return Number(token.value);
  }

  /** One or more, with commas between. */
  list<T>(read: () => T): readonly T[] {
    const all = [read()];
    while (this.takes(',')) all.push(read());
    return all;
  }

  error(): Error {
    return syntaxError(this.peek()?.text ?? 'end of input');
  }
}
