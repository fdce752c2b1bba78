import { readFileSync } from 'node:fs';
import type { TwinPair } from '@keyturn/core';
import { failureOf } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningMariadb, startMariadb } from '../../service/index.ts';
import { dropUsers, pairOf, rotationPassword, testTwins } from '../../service/test-twins.ts';

let server: RunningMariadb;
const master = { username: 'rotation_master', password: 'master' };
const twins = testTwins(() => server);
const poor = testTwins(
  () => server,
  () => master,
);
const password = rotationPassword('a password of a refused rotation');
const unknown = { password, isKnown: () => Promise.resolve(false) };

beforeAll(async () => {
  server = await startMariadb();
  await server.execute('CREATE ROLE app_role');
});
afterAll(() => server?.stop());
beforeEach(async () => {
  await dropUsers(server, 'app', 'app_clone', master.username);
  await server.createUser('app', 'first');
});

/** The failure of cloneUser, which has changed nothing. */
async function refusal(change: Partial<TwinPair> = {}, by = twins) {
  const before = await twins.everything();
  const failure = await failureOf(by.clone({ ...unknown, ...change }));
  expect(await twins.everything()).toBe(before);
  return failure;
}

/** The statements that the README has ready for a master, for this server. */
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const statements = (/## Two users that take turns[\s\S]*?```sql\n([\s\S]*?)```/.exec(readme)?.[1] ?? '')
  .split('\n')
  .filter((line) => line.endsWith(';'))
  .map((line) => line.replace("@'10.0.%'", "@'%'").replace("'…'", `'${master.password}'`));

describe('a master with just what the README lists', () => {
  const grants = statements.slice(1);
  const prepare = async (given: readonly string[]) => {
    await server.execute("GRANT app_role TO app@'%'");
    for (const statement of [statements[0] ?? '', ...given]) await server.execute(statement);
  };

  test('makes a twin, resets its password, and later makes it equal again', async () => {
    await prepare(grants);
    await poor.clone(unknown);
    expect(await poor.compare()).toEqual([]);
    await poor.reset({ password });
    expect(await server.logsIn('app_clone', password.reveal())).toBe(true);
    await server.execute("REVOKE app_role FROM app@'%'");
    await server.execute("REVOKE DELETE ON app.* FROM app@'%'");
    await server.execute("CREATE USER app@'10.%' IDENTIFIED BY 'first' REQUIRE SSL");
    await poor.clone(unknown);
    await server.execute("DROP USER app@'10.%'");
    await poor.clone(unknown);
    expect(await server.rightsOf?.('app_clone')).toEqual(await server.rightsOf?.('app'));
  });

  test.each([
    [0, 'missing-privilege', 'the master lacks CREATE USER ON *.*'],
    [1, 'missing-privilege', 'the user may not do this'],
    [2, 'rights-not-cloneable', 'the master may neither give nor take: SELECT, INSERT,'],
    [3, 'rights-not-cloneable', 'the master may neither give nor take: the role app_role'],
  ])('says what is missing without its GRANT %i, and with the remedy it works', async (index, code, message) => {
    expect(grants).toHaveLength(4);
    await prepare(grants.filter((_grant, at) => at !== index));
    const failure = await refusal({}, poor);
    expect(failure.code).toBe(code);
    expect(failure.details.message).toContain(message);
    const remedy = failure.remedy.match(/GRANT [^;]*;/g) ?? [];
    expect(remedy.length).toBeGreaterThan(0);
    for (const statement of remedy) await server.execute(statement);
    await poor.clone(unknown);
    await poor.reset({ password });
    expect(await server.logsIn('app_clone', password.reveal())).toBe(true);
  });

  test.each([
    ['SELECT', 'the user may not do this'],
    ['UPDATE', 'the master lacks UPDATE ON mysql.*'],
  ])('says what is missing without %s ON mysql.*', async (right, message) => {
    await prepare(grants);
    await server.execute(`REVOKE ${right} ON mysql.* FROM ${master.username}@'%'`);
    const failure = await refusal({}, poor);
    expect(failure).toMatchObject({ code: 'missing-privilege' });
    expect(failure.details.message).toContain(message);
    expect(failure.remedy).toContain('GRANT SELECT, UPDATE ON mysql.* TO `rotation_master`@`%`;');
    expect(await failureOf(right === 'SELECT' ? poor.compare() : poor.reset({ next: 'app', password }))).toMatchObject({
      code: 'missing-privilege',
    });
  });

  test.each([
    ["GRANT FILE ON *.* TO app@'%'", 'FILE ON *.*'],
    ["GRANT SELECT ON `app\\_%`.* TO app@'%'", 'SELECT ON app\\_%.*'],
    ["GRANT SELECT ON mysql.proc TO app@'%'", 'SELECT ON mysql.proc'],
    ["GRANT SELECT (name) ON mysql.proc TO app@'%'", 'SELECT (name) ON mysql.proc'],
    ["GRANT keyturn_readers TO app@'%'", 'the role keyturn_readers'],
    ["GRANT PROXY ON keyturn_proxied@'localhost' TO app@'%'", "PROXY ON keyturn_proxied@'localhost'"],
  ])('names the right that it cannot give: %s', async (statement, words) => {
    await prepare(grants);
    await server.execute(statement);
    const failure = await refusal({}, poor);
    expect(failure).toMatchObject({ code: 'rights-not-cloneable', user: master.username });
    expect(failure.details.message).toBe(`the master may neither give nor take: ${words}`);
  });

  test('names the right that it cannot take', async () => {
    await prepare(grants);
    await poor.clone(unknown);
    await server.execute("GRANT FILE ON *.* TO app_clone@'%'");
    expect((await refusal({}, poor)).details.message).toBe('the master may neither give nor take: FILE ON *.*');
  });

  test('hands on what its active role allows', async () => {
    await prepare(grants.filter((grant) => !grant.includes('ON app.*')));
    await server.execute('CREATE OR REPLACE ROLE giver');
    await server.execute('GRANT ALL ON app.* TO giver WITH GRANT OPTION');
    await server.execute(`GRANT giver TO ${master.username}@'%'`);
    expect((await refusal({}, poor)).code).toBe('rights-not-cloneable');
    await server.execute(`SET DEFAULT ROLE giver FOR ${master.username}@'%'`);
    await poor.clone(unknown);
    expect(await poor.compare()).toEqual([]);
  });
});

describe('a name that somebody else has', () => {
  test.each([
    ['without any right', []],
    ['with rights of its own', ["GRANT SELECT ON app.* TO app_clone@'%'"]],
    ['locked', ["ALTER USER app_clone@'%' ACCOUNT LOCK"]],
  ])('is left alone: a user %s', async (_title, grants) => {
    await server.execute("CREATE USER app_clone@'%' IDENTIFIED BY 'a stranger'");
    for (const grant of grants) await server.execute(grant);
    expect(await refusal()).toMatchObject({ code: 'twin-name-taken', user: 'app_clone' });
    // The control: it is taken over once another version of the secret names it.
    await twins.clone({ ...unknown, isKnown: () => Promise.resolve(true) });
    expect(await twins.compare()).toEqual([]);
  });

  test('is left alone: two users without any right are equal by chance', async () => {
    await server.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM app@'%'");
    await server.execute("CREATE USER app_clone@'%' IDENTIFIED BY 'a stranger'");
    expect(await refusal()).toMatchObject({ code: 'twin-name-taken' });
  });

  test('is the twin without asking if both may do the same', async () => {
    await server.createUser('app_clone', 'older');
    const asked = { isKnown: () => Promise.reject(new Error('asked')) };
    expect(await twins.clone(asked)).toEqual({ created: false, given: [], taken: [] });
  });

  test('is left alone: a role', async () => {
    await server.execute('CREATE ROLE app_clone');
    const failure = await refusal({ isKnown: () => Promise.resolve(true) }).finally(() =>
      server.execute('DROP ROLE app_clone'),
    );
    expect(failure).toMatchObject({ code: 'twin-name-taken', user: 'app_clone' });
  });
});

test.each([['a'.repeat(81)], ['app '], ["'app'"], ['app\0'], ['app😀'], ['']])(
  'the name %j, which the server cannot keep, is refused',
  async (next) => {
    expect(await refusal({ next, twin: next })).toMatchObject({ code: 'invalid-secret' });
  },
);

test.each([
  ['x'.repeat(80)],
  ["a'; DROP USER app@'%'; -- "],
  ['a`@`%` WITH GRANT OPTION; -- -'],
  ['a\nb"\\'],
  ['ünï世界'],
])('the hostile name %j is just a name', async (name) => {
  const next = name.trimEnd();
  await server.furnish?.('app');
  try {
    await twins.clone({ ...unknown, next, twin: next });
    expect(await twins.compare({ next, twin: next })).toEqual([]);
    expect(await server.rightsOf?.(next)).toEqual(await server.rightsOf?.('app'));
    const lines = await twins.compare({ next: 'app_clone', current: next });
    // One line for a log, whatever the name holds.
    expect(lines.filter((line) => /[\n\r]/.test(line) || line.length > 600)).toEqual([]);
  } finally {
    await dropUsers(server, next);
  }
});

test('a user in use that does not exist is named', async () => {
  expect(await refusal({ current: 'nobody' })).toMatchObject({ code: 'invalid-secret', user: 'nobody' });
});

test.each([
  ["IDENTIFIED VIA ed25519 USING PASSWORD('x')", 'auth-method-unsupported'],
  ['IDENTIFIED VIA unix_socket', 'auth-method-unsupported'],
  ["IDENTIFIED VIA mysql_native_password USING PASSWORD('x') OR ed25519 USING PASSWORD('y')", 'rights-not-cloneable'],
])('a user who authenticates in a way that a twin cannot: %s', async (clause, code) => {
  await server.execute(`ALTER USER app@'%' ${clause}`);
  expect(await refusal()).toMatchObject({ code, user: 'app' });
});

test('a comparison with a user that does not exist says so', async () => {
  expect(await twins.compare(pairOf())).toEqual(["app_clone@'%' does not exist, app@'%' does"]);
});

test('password rules that must see the password refuse its hash, and nothing is made', async () => {
  await server.execute("INSTALL SONAME 'simple_password_check'").catch(() => undefined);
  const [loaded] = await server.execute("SHOW VARIABLES LIKE 'simple_password_check_digits'");
  expect(loaded).toBeDefined();
  const failure = await refusal().finally(() => server.execute("UNINSTALL SONAME 'simple_password_check'"));
  expect(failure).toMatchObject({ code: 'password-refused' });
  expect(failure.remedy).toContain('plaintextPassword');
});
