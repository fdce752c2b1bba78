import { expect, test } from 'vitest';
import { faultOfName, quoteIdentifier, unprintable } from './names.ts';

const rules = { product: 'Product', maxBytes: 4 };

test('a fault of a name is told in words that go after it', () => {
  expect(faultOfName('abcd', rules)).toBeUndefined();
  expect(faultOfName('', rules)).toBe('is empty');
  expect(faultOfName('a\0b', rules)).toBe('holds NUL, which no Product name can hold');
  expect(faultOfName('\ud800', rules)).toBe('is not well-formed Unicode');
  expect(faultOfName('ééé', rules)).toBe('is 6 bytes long; Product takes 4');
});

test('quotes are doubled, and nothing else is touched', () => {
  expect(quoteIdentifier('a"b\\c')).toBe('"a""b\\c"');
});

test('what would break or hide a part of a line is unprintable', () => {
  for (const text of ['a\n', '\u2028', '\u202e', '\u200b']) expect(unprintable(text)).toBe(true);
  expect(unprintable('é 🔑 "')).toBe(false);
});
