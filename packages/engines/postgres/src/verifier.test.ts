import { createHmac } from 'node:crypto';
import { Password } from '@keyturn/core';
import { describe, expect, test } from 'vitest';
import { md5Verifier, scramVerifier } from './verifier.ts';

describe('scramVerifier', () => {
  test('makes the server signature of the example in RFC 7677', async () => {
    const salt = 'W22ZaJ0SNY7soEsUEjb6gQ==';
    const verifier = await scramVerifier(new Password('pencil'), 4096, Buffer.from(salt, 'base64'));
    const serverKey = Buffer.from(verifier.split(':').at(-1) ?? '', 'base64');
    const messages =
      'n=user,r=rOprNGfwEbeRWgbNEkqO,' +
      `r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=${salt},i=4096,` +
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
    expect(createHmac('sha256', serverKey).update(messages).digest('base64')).toBe(
      '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    );
  });

  test('has a new salt every time', async () => {
    const password = new Password('pencil');
    expect(await scramVerifier(password)).not.toBe(await scramVerifier(password));
  });

  test('refuses what SASLprep might change', async () => {
    for (const text of ['', 'a\u00a0b', 'ﬁ', 'a\tb', 'a\0b']) {
      await expect(scramVerifier(new Password(text))).rejects.toMatchObject({ code: 'password-not-accepted' });
    }
  });
});

test('md5Verifier is "md5" and the MD5 of password and name', () => {
  expect(md5Verifier(new Password('secret'), 'app')).toBe('md56a422f785c9e20873908ce25d1736ae2');
});
