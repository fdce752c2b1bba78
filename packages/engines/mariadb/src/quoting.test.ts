import { Password } from '@keyturn/core';
import { failureOf, limits, loginTo } from '@keyturn/engine-conformance';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningMariadb, startMariadb } from '../service/index.ts';
import { mariadb } from './index.ts';
import { checkUsername, hexLiteral, identifier, longestUsername, stringLiteral } from './quoting.ts';

const engine = mariadb();
const plaintextEngine = mariadb({ plaintextPassword: true });
let server: RunningMariadb;

beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.stop());

const hostile = [
  "'",
  '"',
  '`',
  '\\',
  '%',
  '_',
  '@',
  '\n',
  '\r',
  '\t',
  '\x1a',
  ' ',
  ';',
  '--',
  '/*',
  '*/',
  '?',
  '$',
  'é',
  '世',
  '\uffff',
];
const names = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...hostile) }, { weight: 2, arbitrary: character() }), {
    minLength: 1,
    maxLength: longestUsername,
  })
  .map((parts) => parts.join(''))
  .filter((name) => !name.endsWith(' ') && !/^'.*'$/s.test(name));

/** Any character that the server's names can hold. */
function character(): fc.Arbitrary<string> {
  return fc
    .integer({ min: 1, max: 0xffff })
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCharCode(code));
}

const passwords = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...engine.passwords.characters),
    fc.constantFrom("'", '\\', '"', ' ', '`', '%', '/', '@'),
  ),
  minLength: engine.passwords.minLength,
  maxLength: 40,
});

test('whatever its name, a user changes its password and then logs in with it', async () => {
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      await server.execute(`CREATE OR REPLACE USER ${identifier(name)}@'%' IDENTIFIED BY 'first'`);
      const connection = await engine.connect(loginTo(server, name, 'first'), limits());
      await engine.changeOwnPassword(connection, new Password('second'), new Password('first'));
      await engine.close(connection);
      expect(await server.logsIn(name, 'second')).toBe(true);
      await server.execute(`DROP USER ${identifier(name)}@'%'`);
    }),
    { numRuns: 60 },
  );
});

test('whatever its name and its hosts, the master resets a user, and no other', async () => {
  const master = await engine.connect(
    loginTo(server, server.administrator.username, server.administrator.password),
    limits(),
  );
  const others = `SELECT Host, User, Priv FROM mysql.global_priv WHERE BINARY User <> `;
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      await server.execute(`CREATE OR REPLACE USER ${identifier(name)}@'%' IDENTIFIED BY 'first'`);
      await server.execute(`CREATE OR REPLACE USER ${identifier(name)}@'10.0.0.0/255.0.0.0' IDENTIFIED BY 'first'`);
      const before = await server.execute(others + hexLiteral(name));
      await engine.admin?.resetPassword(master, name, new Password('second'));
      expect(await server.execute(others + hexLiteral(name))).toEqual(before);
      expect(await server.hasPassword(name, 'second')).toBe(true);
      expect(await server.logsIn(name, 'second')).toBe(true);
      await server.execute(`DROP USER ${identifier(name)}@'%'`);
      await server.execute(`DROP USER ${identifier(name)}@'10.0.0.0/255.0.0.0'`);
    }),
    { numRuns: 60 },
  );
  await engine.close(master);
});

test.each([
  ['as a hash', engine, ''],
  ['as it is', plaintextEngine, ''],
  ['as it is, where the backslash escapes', plaintextEngine, 'ANSI_QUOTES'],
  ['as it is, where the backslash does not', plaintextEngine, 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'],
])('whatever its characters, a password sent %s logs in afterwards', async (_title, form, sqlMode) => {
  await server.execute(`SET GLOBAL sql_mode = '${sqlMode}'`);
  await server.execute("CREATE OR REPLACE USER app@'%' IDENTIFIED BY 'first'");
  let current = 'first';
  await fc.assert(
    fc.asyncProperty(passwords, async (next) => {
      const connection = await form.connect(loginTo(server, 'app', current), limits());
      await form.changeOwnPassword(connection, new Password(next), new Password(current));
      await form.close(connection);
      expect(await server.logsIn('app', next)).toBe(true);
      current = next;
    }),
    { numRuns: 60 },
  );
  await server.execute('SET GLOBAL sql_mode = DEFAULT');
});

test('every character that a password may hold, the space at its ends among them, is kept', async () => {
  const all = ` ${engine.passwords.characters} `;
  for (const form of [engine, plaintextEngine]) {
    await server.execute("CREATE OR REPLACE USER app@'%' IDENTIFIED BY 'first'");
    const connection = await form.connect(loginTo(server, 'app', 'first'), limits());
    await form.changeOwnPassword(connection, new Password(all), new Password('first'));
    await form.close(connection);
    expect(await server.logsIn('app', all)).toBe(true);
    expect(await server.logsIn('app', all.trim())).toBe(false);
  }
});

test('the longest password that is accepted logs in', async () => {
  const longest = 'x'.repeat(engine.passwords.maxLength);
  await server.execute("CREATE OR REPLACE USER app@'%' IDENTIFIED BY 'first'");
  const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
  await engine.changeOwnPassword(connection, new Password(longest), new Password('first'));
  await engine.close(connection);
  expect(await server.logsIn('app', longest)).toBe(true);
});

test('a server that reads names in another character set than ours is told ours first', async () => {
  // In GBK the last byte of "é" takes the quote behind it with it.
  const name = 'é';
  const gbk = await startMariadb({
    settings: { 'character-set-server': 'gbk', 'skip-character-set-client-handshake': '1' },
  });
  try {
    const root = await gbk.superuser();
    await root.query('SET NAMES utf8mb4');
    await root.query(`CREATE USER ${identifier(name)}@'%' IDENTIFIED BY 'first'`);
    await root.end();
    const { username, password } = gbk.administrator;
    const master = await engine.connect(loginTo(gbk, username, password), limits());
    await engine.admin?.resetPassword(master, name, new Password('second'));
    await engine.close(master);
    expect(await gbk.hasPassword(name, 'second')).toBe(true);
    // The control: without it the same statement is another one.
    const careless = await gbk.superuser();
    await expect(careless.query(`SET PASSWORD FOR ${identifier(name)}@'%' = ''`)).rejects.toThrow();
    await careless.end();
  } finally {
    await gbk.stop();
  }
});

test.each([
  ['NUL', 'a\0b'],
  ['a character beyond U+FFFF', 'a😀'],
  ['half a surrogate pair', 'a\ud83d'],
  ['too many characters', 'x'.repeat(longestUsername + 1)],
  ['a space at its end', 'a '],
  ['quotes around it', "'a'"],
  ['nothing but two quotes', "''"],
  ['nothing', ''],
])('a user name with %s is refused before anything is sent', async (_title, name) => {
  const before = server.log().length;
  const login = engine.connect({ ...loginTo(server, name, 'first'), port: 1 }, limits());
  expect(await failureOf(login)).toMatchObject({ code: 'invalid-secret' });
  expect(server.log()).toHaveLength(before);
});

test('a name that ends in a space becomes another one when the server reads its tables again', async () => {
  await server.execute("CREATE OR REPLACE USER 'ends '@'%' IDENTIFIED BY 'first'");
  await server.execute('FLUSH PRIVILEGES');
  expect(await server.logsIn('ends', 'first')).toBe(true);
});

test.each([
  ['beyond U+FFFF', '😀', '?'],
  ['in quotes', "'quoted'", 'quoted'],
  ['too long', `${'x'.repeat(128)}y`, 'x'.repeat(128)],
])('a name %s, sent all the same, logs in another user', async (_title, name, other) => {
  await server.execute(`CREATE OR REPLACE USER ${identifier(other)}@'%' IDENTIFIED BY 'first'`);
  expect(await server.logsIn(name, 'first')).toBe(true);
  expect(() => checkUsername(name)).toThrow('invalid-secret');
});

test('literals and identifiers double their own quote and nothing else', () => {
  expect(identifier('a`b\\')).toBe('`a``b\\`');
  expect(stringLiteral("a'b")).toBe("'a''b'");
  expect(hexLiteral("a'")).toBe('0x6127');
});
