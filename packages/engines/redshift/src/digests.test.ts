import { createHash } from 'node:crypto';
import { Password } from '@keyturn/core';
import { expect, test } from 'vitest';
import { digestOf, md5Digest, saltedHash, sha256Digest, unknownDigest } from './digests.ts';

test('the MD5 digest is that of the Developer Guide for the password ez of user1', () => {
  expect(md5Digest(new Password('ez'), 'user1')).toBe('md5153c434b4b77c89e6b94f12c5393af5b');
});

test('the SHA-256 digest hashes the password and the bytes of the salt, not its hex digits', () => {
  const salt = Buffer.from('c721bff5d9042cf541ff7b9d48fa8a6e545c19a763e3710151f9513038b0f6c6', 'hex');
  const digest = sha256Digest(new Password('Mypassword1'), salt);
  expect(digest).toBe(
    `sha256|821708135fcc42eb3afda85286dee0ed15c2c461d000291609f77eb113073ec2|${salt.toString('hex')}`,
  );
  const overHex = createHash('sha256')
    .update(`Mypassword1${salt.toString('hex')}`)
    .digest('hex');
  expect(digest).not.toContain(overHex);
});

test('no digest holds the password, and two of the same have two salts', () => {
  const password = new Password('Taint-digest-1');
  const [one, other] = [digestOf(password, 'app', 'sha256'), digestOf(password, 'app', 'sha256')];
  expect(one).toMatch(/^sha256\|[0-9a-f]{64}\|[0-9a-f]{64}$/);
  expect(one).not.toBe(other);
  expect(one).not.toContain('Taint');
  expect(digestOf(password, 'app', 'md5')).toMatch(/^md5[0-9a-f]{32}$/);
});

test('a hash of more than ASCII is one of UTF-8', () => {
  const salt = Buffer.alloc(32, 7);
  const expected = createHash('sha256')
    .update(Buffer.concat([Buffer.from('pä', 'utf8'), salt]))
    .digest('hex');
  expect(saltedHash(new Password('pä'), salt).toString('hex')).toBe(expected);
});

test('a digest that nobody knows the password of is another one each time', () => {
  expect(unknownDigest()).toMatch(/^md5[0-9a-f]{32}$/);
  expect(unknownDigest()).not.toBe(unknownDigest());
});
