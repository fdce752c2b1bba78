import fc from 'fast-check';
import { expect, test } from 'vitest';
import { secretName } from '../service/secret-name.ts';
import { dictionaryName as asTheServerReads } from '../service/tns/login.ts';
import { dictionaryName, loginName, longestName } from './names.ts';

const anyName = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 30 })
  .filter((name) => !/["\0]/.test(name) && name.isWellFormed());
const plainName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_$#]{0,29}$/);

test('the login says a name that the server reads as the name of the dictionary', () => {
  fc.assert(
    fc.property(fc.oneof(anyName, plainName), (name) => {
      expect(asTheServerReads(loginName(name))).toBe(dictionaryName(name));
      expect(dictionaryName(name)).toBe(secretName(name));
    }),
  );
});

test('a plain name is in upper case, a name in quotes as it stands there', () => {
  expect(dictionaryName('app_1')).toBe('APP_1');
  expect(dictionaryName('"app_1"')).toBe('app_1');
  expect(dictionaryName('My App')).toBe('My App');
  expect(loginName('app')).toBe('app');
  // The driver would take this for a proxy, and that for a name without spaces.
  expect(loginName('app[hr]')).toBe('"app[hr]"');
  expect(loginName(' app ')).toBe('" app "');
});

test.each([
  ['', 'empty'],
  ['""', 'empty'],
  ['a"b', 'double quote'],
  ['"app"_clone', 'double quote'],
  ['"', 'double quote'],
  ['a\0b', 'NUL'],
  ['x'.repeat(longestName + 1), 'bytes'],
  ['é'.repeat(longestName / 2 + 1), 'bytes'],
])('the name %j is refused', (name, why) => {
  expect(() => dictionaryName(name)).toThrow(why);
});

test('the longest name is taken', () => {
  expect(dictionaryName('é'.repeat(longestName / 2))).toHaveLength(longestName / 2);
});
