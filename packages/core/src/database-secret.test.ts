import { describe, expect, test } from 'vitest';
import { parseDatabaseSecret, parseMasterSecret } from './database-secret.ts';
import type { SecretRules } from './engine.ts';

const rules: SecretRules = { engines: ['postgres', 'aurora-postgresql'], defaultPort: 5432, usernameMaxBytes: 63 };
const good = { engine: 'postgres', host: 'db.example', username: 'app', password: 'S3cr3t-marker' };

function parse(secret: unknown) {
  return parseDatabaseSecret(JSON.stringify(secret), rules);
}

function errorOf(secret: unknown): Error & { code: string } {
  try {
    parse(secret);
  } catch (error) {
    return error as Error & { code: string };
  }
  throw new Error('no error');
}

describe('a secret of the shape in the AWS guide', () => {
  test('gets the defaults of the engine', () => {
    expect(parse(good)).toMatchObject({
      host: 'db.example',
      port: 5432,
      username: 'app',
      database: undefined,
      tls: true,
    });
    expect(parseDatabaseSecret(JSON.stringify(good), { ...rules, defaultDatabase: 'postgres' }).database).toBe(
      'postgres',
    );
  });

  test.each([5433, '5433'])('takes a port as number and as text: %j', (port) => {
    expect(parse({ ...good, port }).port).toBe(5433);
  });

  test.each([null, undefined, ''])('takes dbname %j as absent', (dbname) => {
    expect(parse({ ...good, dbname }).database).toBeUndefined();
  });

  test.each([
    [false, false],
    ['false', false],
    ['False', false],
    [true, true],
    ['true', true],
    [undefined, true],
    [null, true],
    ['no', true],
    [0, true],
    ['', true],
  ])('ssl %j means TLS: %s', (ssl, tls) => {
    expect(parse({ ...good, ssl }).tls).toBe(tls);
  });

  test('takes unknown keys of any kind', () => {
    expect(parse({ ...good, dbInstanceIdentifier: 'x', extra: { deep: [1] } }).username).toBe('app');
  });

  test.each(["o'brien", 'a"b', 'back\\slash', '100%', '$user', 'émoji-🦊', ' spaced '])(
    'takes the user name %j',
    (username) => {
      expect(parse({ ...good, username }).username).toBe(username);
    },
  );
});

describe('a secret with faults', () => {
  test('gets one error that names every missing and wrong key', () => {
    const error = errorOf({ engine: 'mysql', port: 'abc', password: 5, ssl: true });
    expect(error.code).toBe('invalid-secret');
    for (const part of [
      'engine must be one of postgres, aurora-postgresql',
      'host is missing',
      'port must be a whole number from 1 to 65535',
      'username is missing',
      'password must be a string',
    ]) {
      expect(error.message).toContain(part);
    }
  });

  test.each([
    { port: 0 },
    { port: 65_536 },
    { port: 1.5 },
    { port: '5432 ' },
    { port: true },
    { host: '' },
    { host: '/var/run/postgresql' },
    { host: 'db example' },
    { host: 'db\0' },
    { host: 'postgres://x' },
    { host: 'x'.repeat(256) },
    { username: '' },
    { username: 'a\0b' },
    { username: 'x'.repeat(64) },
    { username: '🦊'.repeat(16) },
    { password: '' },
    { password: 'S3cr3t\0marker' },
    { dbname: 7 },
    { dbname: 'a\0b' },
    { masterarn: 7 },
    { engine: 7 },
    { engine: 'Postgres' },
  ])('refuses %j', (change) => {
    const [key] = Object.keys(change);
    expect(errorOf({ ...good, ...change })).toMatchObject({
      code: 'invalid-secret',
      message: expect.stringContaining(`keys: ${key} `),
    });
  });

  test('no value of the secret stands in the error, under whichever key the password was put', () => {
    const keys = ['engine', 'host', 'port', 'username', 'dbname', 'masterarn', 'ssl'];
    for (const key of keys) {
      const secret = { ...good, password: undefined, [key]: 'S3cr3t\0marker' };
      expect(JSON.stringify([errorOf(secret).message, errorOf(secret).stack])).not.toContain('S3cr3t');
    }
  });
});

describe('a master secret', () => {
  const parseMaster = (secret: unknown) => parseMasterSecret(JSON.stringify(secret), rules);

  test('with a host is read as every secret', () => {
    expect(parseMaster(good)).toEqual(parse(good));
    expect(() => parseMaster({ ...good, engine: undefined })).toThrow('engine is missing');
    expect(() => parseMaster({ ...good, host: null })).toThrow('host must be a string');
  });

  test('without a host says who logs in, and what it holds besides', () => {
    const managed = { username: 'postgres', password: 'S3cr3t-marker' };
    expect(parseMaster(managed)).toMatchObject({ host: undefined, username: 'postgres', database: undefined });
    expect(parseMaster(managed).tls).toBeUndefined();
    expect(parseMaster({ ...managed, ssl: false, dbname: 'app', engine: 'postgres' })).toMatchObject({
      tls: false,
      database: 'app',
    });
  });

  test.each([
    [{}, 'username is missing; password is missing'],
    [{ username: '', password: 'S3cr3t-marker' }, 'username is empty'],
    [{ username: 'a', password: 'S3cr3t\0marker' }, 'password holds a NUL character'],
    [{ username: 'a', password: 'S3cr3t-marker', engine: 'mysql' }, 'engine must be one of'],
    [{ username: 'x'.repeat(64), password: 'S3cr3t-marker' }, 'username is longer than 63 bytes'],
  ])('without a host and with faults is an error without its values: %j', (secret, words) => {
    expect(() => parseMaster(secret)).toThrow(words);
    expect(() => parseMaster(secret)).not.toThrow('S3cr3t');
  });
});
