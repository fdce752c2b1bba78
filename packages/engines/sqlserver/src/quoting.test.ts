import { hasCode, Password } from '@keyturn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenize } from '../service/sql/tokenizer.ts';
import { binary, bracket, bracketed, checkName, passwordText, printable, text, words } from './quoting.ts';

/** Pieces that end, join or comment out something in Transact-SQL. */
const hostile = fc.constantFrom(
  ']',
  '[',
  "'",
  '"',
  '\\',
  '\n',
  '\r\n',
  '\\\n',
  '--',
  '/*',
  '*/',
  ';',
  'GO',
  '::',
  '.',
  'é',
  '🔑',
  'ʼ',
  ' a',
  '%',
);
const anything = fc
  .array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 12 })
  .map((all) => all.join(''));
const names = anything.filter((name) => faultless(name));

function faultless(name: string): boolean {
  try {
    checkName(name, 'the name');
    return true;
  } catch {
    return false;
  }
}

describe('as the server reads it', () => {
  test('every name in brackets is one token, and means itself', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(tokenize(bracket(name))).toMatchObject([{ kind: 'name', value: name }, { kind: 'end' }]);
      }),
      { numRuns: 2000 },
    );
  });

  test('every text is constants that together mean itself', () => {
    fc.assert(
      fc.property(names, (value) => {
        const tokens = tokenize(text(value));
        expect(tokens.map(({ kind }) => kind)).not.toContain('word');
        const constants = tokens.filter(({ kind }) => kind === 'text').map((each) => each.value);
        expect(constants.join('')).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });

  test('every password is one constant that means itself, or is refused before anything is sent', () => {
    fc.assert(
      fc.property(anything, (value) => {
        let constant: string;
        try {
          constant = passwordText(new Password(value));
        } catch (error) {
          expect(hasCode(error, 'password-not-accepted')).toBe(true);
          expect(value === '' || value.length > 128 || /\0|\\[\r\n]/.test(value) || !value.isWellFormed()).toBe(true);
          return;
        }
        expect(tokenize(constant)).toMatchObject([{ kind: 'text', value }, { kind: 'end' }]);
      }),
      { numRuns: 2000 },
    );
  });

  test('control: a name that is only put in brackets is read as something else', () => {
    expect(
      tokenize('[a]b DROP')
        .map(({ kind }) => kind)
        .slice(0, 3),
    ).toEqual(['name', 'word', 'word']);
    expect(tokenize("N'a' DROP LOGIN sa --'").map(({ kind }) => kind)).toEqual(['text', 'word', 'word', 'word', 'end']);
  });
});

test('brackets and quotes are doubled', () => {
  expect(bracket('a]b')).toBe('[a]]b]');
  expect(bracketed('dbo', "o'b]")).toBe("[dbo].[o'b]]]");
  expect(text("o'b")).toBe("N'o''b'");
  expect(text('a\\\nb')).toBe("(N'a\\' + N'\nb')");
});

test('names that the server would take for others are refused, with the reason', () => {
  for (const [name, reason] of [
    ['', 'is empty'],
    ['a\0b', 'holds NUL'],
    ['a\ud800', 'not well-formed'],
    ['app ', 'ends in a space'],
    ['n'.repeat(129), 'is 129 characters long'],
  ] as const) {
    expect(() => checkName(name, 'username')).toThrow(reason);
    if (!name.endsWith(' ')) expect(() => bracket(name)).toThrow(reason);
  }
  // In the catalogue such a name is found by itself: there can be no other that differs in the space alone.
  expect(bracket('it ')).toBe('[it ]');
  expect(() => checkName('n'.repeat(128), 'username')).not.toThrow();
});

test('the catalogue’s own words are words, and its bytes are bytes', () => {
  expect(words('VIEW ANY DEFINITION')).toBe('VIEW ANY DEFINITION');
  for (const other of ['', 'SELECT ', 'SELECT; DROP', 'select', 'SELECT--']) {
    expect(() => words(other)).toThrow('not the name of a permission');
  }
  expect(binary('0x0aF1')).toBe('0x0aF1');
  for (const other of ['0x0', '0x1g', '1', "0x00'; --"]) expect(() => binary(other)).toThrow('not a binary constant');
});

test('a name in a message is on one line, and bounded', () => {
  expect(printable('app_clone')).toBe('app_clone');
  expect(printable('a b]')).toBe('[a b]]]');
  fc.assert(
    fc.property(anything, (name) => {
      expect(printable(name)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
  );
  expect(printable('n'.repeat(5000)).length).toBeLessThan(300);
});
