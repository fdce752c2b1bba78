import { syntaxError } from '../model/sql-error.ts';
import { type Token, tokenize } from './tokenizer.ts';

/** Words that no name without brackets may be (a part of the reserved words of Transact-SQL). */
const reserved = new Set(
  'ADD ALL ALTER AND AS ASC AUTHORIZATION BEGIN BY CASCADE CASE COLUMN COMMIT CREATE CROSS DATABASE DEFAULT DELETE DENY DESC DROP ELSE END EXEC EXISTS EXTERNAL FOR FROM FULL FUNCTION GRANT GROUP HAVING IF IN INNER INSERT INTO IS JOIN LEFT LIKE NOT NULL OF OFF ON OPTION OR ORDER OUTER PRIMARY PROCEDURE PUBLIC REFERENCES REVOKE RIGHT ROLLBACK SCHEMA SELECT SET TABLE THEN TO TRAN TRANSACTION UNION UPDATE USE USER VALUES VIEW WHEN WHERE WITH'.split(
    ' ',
  ),
);

/** Reads tokens one after another. Every method throws Msg 102 or 156 where something else stands than it reads. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(sql: string) {
    this.#tokens = tokenize(sql);
  }

  get token(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', value: '', line: 1 };
  }
  get isAtEnd(): boolean {
    return this.token.kind === 'end';
  }

  /** Whether these words come next. */
  isWord(...words: readonly string[]): boolean {
    return words.every((each, index) => {
      const token = this.#tokens[this.#at + index];
      return token?.kind === 'word' && token.value.toUpperCase() === each;
    });
  }

  isSign(value: string): boolean {
    return this.token.kind === 'sign' && this.token.value === value;
  }

  /** Reads these words, if they come next. */
  tookWord(...words: readonly string[]): boolean {
    if (!this.isWord(...words)) return false;
    this.#at += words.length;
    return true;
  }

  tookSign(value: string): boolean {
    if (!this.isSign(value)) return false;
    this.#at += 1;
    return true;
  }

  word(...words: readonly string[]): void {
    for (const each of words) if (!this.tookWord(each)) throw this.unexpected();
  }

  sign(value: string): void {
    if (!this.tookSign(value)) throw this.unexpected();
  }

  /** One of these words. */
  oneOf<T extends string>(...words: readonly T[]): T {
    const found = words.find((each) => this.tookWord(each));
    if (found === undefined) throw this.unexpected();
    return found;
  }

  take(kind: Token['kind']): string {
    if (this.token.kind !== kind) throw this.unexpected();
    const { value } = this.token;
    this.#at += 1;
    return value;
  }

  /** A name: in brackets, or a word that is not reserved. */
  name(): string {
    const { kind, value } = this.token;
    if (kind === 'name') return this.take('name');
    if (kind !== 'word' || reserved.has(value.toUpperCase()) || value.startsWith('@')) throw this.unexpected();
    return this.take('word');
  }

  /** Names with dots between them. */
  path(): readonly string[] {
    const found = [this.name()];
    while (this.tookSign('.')) found.push(this.name());
    return found;
  }

  unexpected(): ReturnType<typeof syntaxError> {
    const { kind, value, line } = this.token;
    const error = syntaxError(value, kind === 'word' && reserved.has(value.toUpperCase()));
    error.line = line;
    return error;
  }
}
