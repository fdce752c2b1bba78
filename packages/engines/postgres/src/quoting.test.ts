import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printableName, quoteName, quoteText } from './quoting.ts';

describe('quoteName', () => {
  test('doubles quotes and leaves the rest alone', () => {
    expect(quoteName('app')).toBe('"app"');
    expect(quoteName(`a"b'c\\d%$1`)).toBe(`"a""b'c\\d%$1"`);
  });

  test('counts bytes, not characters', () => {
    expect(quoteName('é'.repeat(31))).toBe(`"${'é'.repeat(31)}"`);
    expect(() => quoteName('é'.repeat(32))).toThrow('64 bytes');
  });

  test.each([
    ['', 'empty'],
    ['a\0b', 'NUL'],
    ['a\ud800', 'Unicode'],
    ['x'.repeat(64), '64 bytes'],
  ])('refuses %j', (name, reason) => {
    expect(() => quoteName(name)).toThrow(reason);
    expect(() => quoteName(name)).toThrow(expect.objectContaining({ code: 'invalid-secret' }));
  });

  test('every quote inside stands doubled, so the name ends where it should', () => {
    const names = fc.string({ unit: fc.constantFrom('"', '""', "'", '\\', 'a', ';'), minLength: 1, maxLength: 20 });
    const isOneName = (sql: string) => /^"(?:[^"]|"")*"$/.test(sql);
    fc.assert(fc.property(names, (name) => isOneName(quoteName(name))));
    // Control: quotes alone do not do it.
    expect(fc.check(fc.property(names, (name) => isOneName(`"${name}"`))).failed).toBe(true);
  });
});

describe('quoteText', () => {
  test('doubles quotes, and backslashes in the E form', () => {
    expect(quoteText("it's")).toBe("'it''s'");
    expect(quoteText("\\'")).toBe("E'\\\\'''");
  });

  test('refuses NUL without showing the text', () => {
    expect(() => quoteText('hid\0den')).toThrow(expect.objectContaining({ code: 'password-not-accepted' }));
    expect(() => quoteText('hid\0den')).not.toThrow('hid');
  });
});

describe('printableName', () => {
  test('is the quoted name where it breaks no line', () => {
    expect(printableName('my "app" 🔑')).toBe('"my ""app"" 🔑"');
  });

  test('escapes what would break a line', () => {
    expect(printableName('a\nb\\"\u2028')).toBe('U&"a\\+00000ab\\\\""\\+002028"');
  });
});
