import { ora } from '../database/ora-error.ts';
import { type Token, tokens } from './tokens.ts';

/** Reads a statement from left to right. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(sql: string) {
    this.#tokens = tokens(sql);
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** Takes these keywords or signs where they come next. */
  take(...texts: readonly string[]): boolean {
    const fits = texts.every((text, index) => {
      const token = this.peek(index);
      return token?.text === text && (token.kind === 'word' || token.kind === 'sign');
    });
    if (fits) this.#at += texts.length;
    return fits;
  }

  /** The same, where nothing else may come. @throws OraError */
  expect(...texts: readonly string[]): void {
    if (!this.take(...texts)) throw ora(922);
  }

  /** A name, quoted or not. @throws OraError of this number where there is none */
  name(missing = 904): string {
    const token = this.peek();
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'name')) throw ora(missing);
    this.#at += 1;
    return token.text;
  }

  /** Names between commas. */
  names(missing?: number): readonly string[] {
    const found = [this.name(missing)];
    while (this.take(',')) found.push(this.name(missing));
    return found;
  }

  of(kind: Token['kind'], missing: number): string {
    const token = this.peek();
    if (token?.kind !== kind) throw ora(missing);
    this.#at += 1;
    return token.text;
  }

  /** Words up to one of these. */
  phrase(...ends: readonly string[]): string {
    const found: string[] = [];
    for (let token = this.peek(); token?.kind === 'word' && !ends.includes(token.text); token = this.peek()) {
      found.push(token.text);
      this.#at += 1;
    }
    return found.join(' ');
  }

  /** @throws OraError if something is left */
  end(): void {
    if (!this.atEnd) throw ora(933);
  }
}
