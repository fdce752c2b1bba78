import { expect, test } from 'vitest';
import { secretValues } from './secret-values.ts';

test.each([
  'password',
  'dbPassword',
  'PASSWD',
  'passphrase',
  'client_secret',
  'apiKey',
  'api-key',
  'SecretAccessKey',
  'access_token',
  'Authorization',
  'privateKey',
  'key',
])('what stands under %s is secret', (key) => {
  expect(secretValues({ [key]: 'some-value', other: 'open' }, [])).toEqual(['some-value']);
});

test.each([
  'username',
  'host',
  'authSource',
  'masterarn',
  'secretArn',
  'AccessKeyId',
  'tokenUrl',
  'privateIp',
  'partitionKey',
  'passive',
])('what stands under %s is not', (key) => {
  expect(secretValues({ [key]: 'some-value' }, [])).toEqual([]);
});

test('the rotated keys are secret whatever they are called, and however short', () => {
  expect(secretValues({ pin: '1234', note: 'open' }, ['pin'])).toEqual(['1234']);
});

test('names are looked for at any depth, and below them everything is secret', () => {
  const values = { api: { credentials: [{ user: 'somebody', list: ['first-one'] }] }, n: 5, nothing: null };
  expect(secretValues(values, [])).toEqual(['somebody', 'first-one']);
});

test('a word under such a name is no secret', () => {
  expect(secretValues({ token: 'none' }, [])).toEqual([]);
});
