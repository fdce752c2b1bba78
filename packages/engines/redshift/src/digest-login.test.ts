import { createHash } from 'node:crypto';
import { Password } from '@keyturn/core';
import { expect, test } from 'vitest';
import { digestLogin, proofMessage } from './digest-login.ts';

const password = new Password('Taint-proof-1');
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const part = (bytes: Buffer) => Buffer.concat([int32(bytes.length), bytes]);
const challenge = (algorithm: number, salt: Buffer, nonce: Buffer) =>
  Buffer.concat([int32(algorithm), part(salt), part(nonce)]);
const salt = Buffer.alloc(32, 1);
const nonce = Buffer.alloc(16, 2);

test("the proof is Redshift's own: a hash of the salted password's hash and both nonces", () => {
  const mine = Buffer.from('1700000000000');
  const message = proofMessage(password, salt, nonce, mine);
  const sha256 = (...parts: readonly Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const proof = sha256(sha256(Buffer.from('Taint-proof-1'), salt), nonce, mine);
  expect(message).toEqual(Buffer.concat([Buffer.from('d'), int32(4 + 4 + 32 + 4 + 13), part(proof), part(mine)]));
});

test('an answer holds neither the password nor what the server keeps of it, and is another one each time', () => {
  const [one, other] = [
    digestLogin.answer(challenge(0, salt, nonce), password),
    digestLogin.answer(challenge(0, salt, nonce), password),
  ];
  if (!Buffer.isBuffer(one) || !Buffer.isBuffer(other)) throw new Error('there is no answer');
  expect(one).not.toEqual(other);
  expect(one.includes('Taint')).toBe(false);
  expect(one.includes(createHash('sha256').update('Taint-proof-1').update(salt).digest())).toBe(false);
});

test('a digest of another kind is refused by its number', () => {
  expect(digestLogin.answer(challenge(1, salt, nonce), password)).toEqual({
    refused: 'the server asked for a digest of the unknown kind 1',
  });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['no salt', int32(0)],
  ['a salt that is cut off', Buffer.concat([int32(0), int32(32), Buffer.alloc(31)])],
  ['a salt of a negative length', Buffer.concat([int32(0), int32(-1), part(nonce)])],
  ['a salt of two gigabytes', Buffer.concat([int32(0), int32(0x7fffffff), part(nonce)])],
  ['no nonce', challenge(0, salt, Buffer.alloc(0))],
  ['a nonce that is cut off', challenge(0, salt, nonce).subarray(0, -1)],
  ['something after the nonce', Buffer.concat([challenge(0, salt, nonce), Buffer.alloc(1)])],
])('a challenge with %s is none', (_name, bytes) => {
  expect(digestLogin.answer(bytes, password)).toBeUndefined();
});
