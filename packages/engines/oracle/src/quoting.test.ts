import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokens } from '../service/sql/tokens.ts';
import { identifier, passwordLiteral, qualified, stringLiteral } from './quoting.ts';

/** Text in which whatever ends a quotation is frequent. */
const anyText = fc
  .string({
    unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom(...'\'";-/*\\\n :')),
    minLength: 1,
    maxLength: 40,
  })
  .filter((text) => text.isWellFormed());
const noQuote = anyText.filter((text) => !/["\0]/.test(text));

test('every name and every password is one word of the statement, whatever it holds', () => {
  fc.assert(
    fc.property(noQuote, noQuote, noQuote, (owner, name, password) => {
      const sql = `ALTER USER ${qualified(owner, name)} IDENTIFIED BY ${passwordLiteral(password)} ACCOUNT UNLOCK`;
      expect(tokens(sql).map(({ text }) => text)).toEqual([
        'ALTER',
        'USER',
        owner,
        '.',
        name,
        'IDENTIFIED',
        'BY',
        password,
        'ACCOUNT',
        'UNLOCK',
      ]);
    }),
  );
});

test('every text is one literal', () => {
  fc.assert(
    fc.property(
      anyText.filter((text) => !text.includes('\0')),
      (text) => {
        expect(tokens(`AS ${stringLiteral(text)} ACCOUNT`)).toEqual([
          { kind: 'word', text: 'AS' },
          { kind: 'string', text },
          { kind: 'word', text: 'ACCOUNT' },
        ]);
      },
    ),
  );
});

test.each(['', 'a"b', '"', 'a\0'])('%j can be no name, and no password', (text) => {
  expect(() => identifier(text)).toThrow('rights-not-cloneable');
  expect(() => passwordLiteral(text)).toThrow('password-not-accepted');
});

test('a password that is refused does not stand in the error', () => {
  const password = 'taint-Secret-"-of-quoting';
  expect(() => passwordLiteral(password)).toThrow(expect.not.stringContaining?.('taint-Secret') ?? Error);
  try {
    passwordLiteral(password);
  } catch (error) {
    expect(JSON.stringify(error)).not.toContain('taint-Secret');
    expect(String(error)).not.toContain('taint-Secret');
  }
});
