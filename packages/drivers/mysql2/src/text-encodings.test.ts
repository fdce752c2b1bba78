import { expect, test } from 'vitest';
import { decode, encode, getDecoder } from './text-encodings.ts';

test.each([
  ['cesu8', 'é €', 'c3a920e282ac'],
  ['utf-8', '🦊', 'f09fa68a'],
  ['gbk', '中', 'd6d0'],
  ['shift_jis', 'あ', '82a0'],
  ['big5', '中', 'a4a4'],
  ['windows-1252', '€', '80'],
  ['binary', 'é', 'e9'],
])('%s is read as mysql2 expects it', (encoding, text, hex) => {
  expect(decode(Buffer.from(hex, 'hex'), encoding)).toBe(text);
});

test('a character that arrives in two parts is put together', () => {
  const decoder = getDecoder('cesu8');
  expect(decoder.write(Buffer.from('e282', 'hex')) + decoder.write(Buffer.from('ac', 'hex')) + decoder.end()).toBe('€');
});

test('nothing is sent in another encoding than UTF-8', () => {
  expect(encode('é', 'cesu8')).toEqual(Buffer.from('é'));
  expect(() => encode('é', 'gbk')).toThrow('gbk');
});
