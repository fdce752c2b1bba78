import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokensOf } from '../service/grammar/tokens.ts';
import { printableName, printableSql, quoteName, quoteText } from './quoting.ts';

const texts = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom("'", '"', '\\', '\n', ';', '-', '🔑'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 30,
  })
  .filter((text) => text.isWellFormed() && !text.includes('\0'));

test('any text is one constant of that value, as PostgreSQL 8 reads it', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(tokensOf(`SELECT ${quoteText(text)}`).slice(1)).toMatchObject([{ kind: 'text', value: text }]);
    }),
    { examples: [["\\'; DROP USER app; --"], ['\\'], ["''"], ["\\\\'"]] },
  );
  // Control: quotes alone do not do it, for there a backslash escapes.
  const quotesOnly = (text: string) => `'${text.replaceAll("'", "''")}'`;
  expect(() => tokensOf(`SELECT ${quotesOnly('\\')}`)).toThrow('unterminated');
});

test('any name is one delimited identifier of that value', () => {
  const names = texts.filter((text) => text !== '' && Buffer.byteLength(text) <= 127);
  fc.assert(
    fc.property(names, (name) => {
      expect(tokensOf(quoteName(name))).toMatchObject([{ kind: 'name', value: name }]);
    }),
  );
});

test.each([
  ['', 'empty'],
  ['a\0b', 'NUL'],
  ['a\ud800', 'Unicode'],
  ['é'.repeat(64), '128 bytes'],
])('the name %j is refused', (name, reason) => {
  expect(() => quoteName(name)).toThrow(reason);
  expect(() => quoteName(name)).toThrow(expect.objectContaining({ code: 'invalid-secret' }));
});

test('text with NUL is refused, and not shown', () => {
  expect(() => quoteText('hid\0den')).toThrow(expect.objectContaining({ code: 'password-not-accepted' }));
  expect(() => quoteText('hid\0den')).not.toThrow('hid');
});

test('what is shown breaks no line and hides nothing', () => {
  expect(printableName('a\nb"\u2028')).toBe('"a\\u{000a}b""\\u{2028}"');
  expect(printableSql("GRANT x TO '\u202e'")).toBe("GRANT x TO '\\u{202e}'");
});
