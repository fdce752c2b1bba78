import { Password } from '@keyturn/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256Crypt } from './sha256-crypt.ts';
import { passwordPlugins, placeholderFor, verifierFor, verifies } from './verifiers.ts';

test('a verifier is of its own password, of no other, and of no other plugin', () => {
  const password = fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.constantFrom(...passwordPlugins), password, password, (plugin, one, another) => {
      const verifier = verifierFor(plugin, new Password(one));
      expect(verifies(plugin, verifier, new Password(one))).toBe(true);
      expect(verifies(plugin, verifier, new Password(`${one} `))).toBe(false);
      expect(verifies(plugin, verifier, new Password(another))).toBe(one === another);
      for (const other of passwordPlugins) {
        if (other !== plugin) expect(verifies(other, verifier, new Password(one))).toBe(false);
      }
    }),
    { numRuns: 20 },
  );
});

test.each([
  ['mysql_native_password', /^\*[0-9A-F]{40}$/],
  ['caching_sha2_password', /^\$A\$005\$[\w-]{20}[./0-9A-Za-z]{43}$/],
  ['sha256_password', /^\$5\$[\w-]{20}\$[./0-9A-Za-z]{43}$/],
] as const)('the verifier of %s has its form, and needs no escape in a literal', (plugin, form) => {
  for (let count = 0; count < 5; count += 1) expect(verifierFor(plugin, new Password('a password'))).toMatch(form);
});

test('what a server keeps of a password, with a salt that is no text, is recognised', () => {
  const salt = Buffer.from('F9CC98CE08892924F50A213B6BC571A2C11778C5', 'hex').toString('latin1');
  const kept = `$A$005$${salt}bTy95Y99eAME1dwEkHOA1ndHGBWz.1bxSSRkuTXFGV/`;
  expect(verifies('caching_sha2_password', kept, new Password('hashcat'))).toBe(true);
  expect(verifies('caching_sha2_password', kept, new Password('hashcats'))).toBe(false);
});

test('a server that takes more rounds writes them in thousands, in hex (caching_sha2_password_digest_rounds)', () => {
  const salt = 'a salt of 20 bytes..';
  for (const [rounds, written] of [
    [9_000, '009'],
    [10_000, '00A'],
    [16_000, '010'],
  ] as const) {
    const kept = `$A$${written}$${salt}${sha256Crypt('a password', salt, rounds)}`;
    expect(verifies('caching_sha2_password', kept, new Password('a password'))).toBe(true);
    expect(verifies('caching_sha2_password', kept, new Password('another one'))).toBe(false);
  }
});

test('no password at all verifies nothing', () => {
  for (const plugin of passwordPlugins) expect(verifies(plugin, '', new Password('x'))).toBe(false);
});

test('the placeholder is not the password, and each password has its own', () => {
  const [one, two] = [new Password('one'), new Password('two')];
  expect(placeholderFor(one).equals(one)).toBe(false);
  expect(placeholderFor(one).equals(placeholderFor(two))).toBe(false);
  expect(placeholderFor(one).equals(placeholderFor(new Password('one')))).toBe(true);
});
