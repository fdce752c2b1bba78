import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAuthority } from './certificates.ts';
import { readServiceUrl, urlVariable } from './service-url.ts';

const { certificate } = makeAuthority('Keyturn test');
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-test-'));
  await writeFile(join(folder, 'ca.pem'), certificate);
  await writeFile(join(folder, 'empty.pem'), 'nothing');
});
afterAll(() => rm(folder, { recursive: true }));

const password = 'taint-in-a-url';
const at = (rest: string) => `db://admin:${password}@db.example${rest}`;

test('all that a URL says is read, percent-decoded', () => {
  const ca = encodeURIComponent(join(folder, 'ca.pem'));
  expect(readServiceUrl(`db://it%27s%20a:p%2Fw%40%3A@[::1]:15432/my%20db?ca=${ca}`, 5432)).toEqual({
    host: '::1',
    port: 15_432,
    administrator: { username: "it's a", password: 'p/w@:' },
    database: 'my db',
    ca: certificate,
    tls: true,
  });
});

test('what a URL does not say is the default: the port, no database, TLS, the authorities of the system', () => {
  const read = readServiceUrl(at(''), 5432);
  expect(read).toMatchObject({ host: 'db.example', port: 5432, database: undefined, tls: true });
  expect(read.ca).toContain('BEGIN CERTIFICATE');
  expect(readServiceUrl(at('/?tls=off'), 5432).tls).toBe(false);
  expect(readServiceUrl(at('/?tls=on'), 5432).tls).toBe(true);
});

test.each([
  ['no URL', () => 'db.example', 'cannot be read'],
  ['a host alone', () => 'db.example:5432', 'names no host'],
  ['a port that is none', () => at(':70000'), 'cannot be read'],
  ['no host', () => `db://admin:${password}@`, 'cannot be read'],
  ['nothing between // and /', () => 'db:///app', 'names no host'],
  ['no administrator', () => 'db://db.example', 'must name an administrator and its password'],
  ['no password', () => 'db://admin@db.example', 'must name an administrator and its password'],
  ['a percent sign that means nothing', () => `db://admin:${password}%zz@db.example`, 'has a percent sign'],
  ['a file that there is not', () => at(`?ca=${folder}/none.pem`), 'names a file that cannot be read (ENOENT)'],
  ['a file without a certificate', () => at(`?ca=${folder}/empty.pem`), 'names a file that holds no certificate'],
  ['another way to turn TLS off', () => at('?tls=false'), 'tls must be on or off'],
  ["another driver's parameter", () => at('?sslmode=disable'), 'knows ca and tls, not sslmode'],
])('%s is told, and the password is not', (_what, url, reason) => {
  let message = '';
  try {
    readServiceUrl(url(), 5432);
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('the URL of the server');
  expect(message).toContain(reason);
  expect(message).not.toContain(password);
});

test('an engine’s variable has its name in capitals', () => {
  expect(urlVariable('postgres')).toBe('KEYTURN_TEST_POSTGRES_URL');
  expect(urlVariable('my-engine')).toBe('KEYTURN_TEST_MY_ENGINE_URL');
});
