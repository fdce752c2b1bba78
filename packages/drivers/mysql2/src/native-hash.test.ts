import { Password } from '@keyturn/core';
import { expect, test } from 'vitest';
import { nativeHash } from './native-hash.ts';

test("the hash is the one of the manual for PASSWORD('notagoodpwd')", () => {
  expect(nativeHash(new Password('notagoodpwd'))).toBe('*3A70EE9FC6594F88CE9E959CD51C5A1C002DC937');
});

test('the hash of a password beyond ASCII is that of its UTF-8', () => {
  expect(nativeHash(new Password('pässwörd'))).not.toBe(nativeHash(new Password('password')));
});
