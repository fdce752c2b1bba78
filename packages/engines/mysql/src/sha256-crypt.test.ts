import { expect, test } from 'vitest';
import { sha256Crypt } from './sha256-crypt.ts';

test.each([
  ['Hello world!', 'saltstring', '5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  ['Hello world!', 'saltstringsaltst', 'a5C8Ofk71MUIoKve2QuP9FMl.dwNgseF5tR1LGAL7iB'],
])('%s with the salt %s is what OpenSSL (passwd -5) says', (password, salt, digest) => {
  expect(sha256Crypt(password, salt, 5000)).toBe(digest);
});

test('a salt of 20 bytes that are no text gives what a server keeps', () => {
  const salt = Buffer.from('F9CC98CE08892924F50A213B6BC571A2C11778C5', 'hex').toString('latin1');
  expect(
    Buffer.from(sha256Crypt('hashcat', salt, 5000))
      .toString('hex')
      .toUpperCase(),
  ).toBe('625479393559393965414D45316477456B484F41316E64484742577A2E3162785353526B7554584647562F');
});
