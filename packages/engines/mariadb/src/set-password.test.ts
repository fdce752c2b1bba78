import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Password } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import { failureOf, limits, loginTo, markedPassword } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMariadb, startMariadb } from '../service/index.ts';
import { testUser } from '../service/test-user.ts';
import { mariadb } from './index.ts';

const engine = mariadb();
let server: RunningMariadb;
const user = testUser(() => server);

beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.stop());

const forms = [
  { form: 'own', run: (next: string) => user.change('first', next) },
  { form: 'master', run: (next: string) => user.reset(next) },
];

describe.each(forms)('in the $form form', ({ run }) => {
  test('the new password logs in, and the old one does not', async () => {
    await user.make({ '%': "IDENTIFIED BY 'first'" });
    await run('second');
    expect(await server.logsIn('app', 'second')).toBe(true);
    expect(await server.logsIn('app', 'first')).toBe(false);
  });

  test('the password of now may be set again', async () => {
    await user.make({ '%': "IDENTIFIED BY 'first'" });
    await run('first');
    expect(await server.logsIn('app', 'first')).toBe(true);
  });

  test('TLS demands, limits, expiry, grants and roles stay', async () => {
    const clauses = [
      'REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 500 MAX_USER_CONNECTIONS 7 PASSWORD EXPIRE INTERVAL 90 DAY',
      'REQUIRE SSL WITH MAX_CONNECTIONS_PER_HOUR 60 PASSWORD EXPIRE NEVER',
    ];
    for (const clause of clauses) {
      await user.make({ '%': `IDENTIFIED BY 'first' ${clause}` });
      await server.execute('CREATE ROLE IF NOT EXISTS reader');
      await server.execute("GRANT reader TO app@'%' WITH ADMIN OPTION");
      await server.execute("SET DEFAULT ROLE reader FOR app@'%'");
      await server.execute("GRANT SELECT, INSERT ON app.* TO app@'%' WITH GRANT OPTION");
      const before = await user.account('%', 'first');
      await run('second');
      expect(await user.account('%', 'second')).toBe(before);
      expect(before).toContain('HASH');
    }
  });

  test.each([
    ['behind the password', "IDENTIFIED VIA mysql_native_password USING PASSWORD('first') OR unix_socket"],
    ['before the password', "IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('first')"],
    [
      'behind the password, with one of its own',
      "IDENTIFIED VIA mysql_native_password USING PASSWORD('first') OR ed25519 USING PASSWORD('other')",
    ],
  ])('another authentication plugin %s stays', async (_title, clause) => {
    await user.make({ '%': clause });
    const before = await user.account('%', 'first');
    await run('second');
    expect(await user.account('%', 'second')).toBe(before);
    expect(await server.logsIn('app', 'second')).toBe(true);
  });

  test('no log of the server holds the password', async () => {
    const password = markedPassword();
    await user.make({ '%': "IDENTIFIED BY 'first'" });
    await run(password);
    const log = server.log();
    expect(log).toContain(nativeHash(new Password(password)));
    expect(log).not.toContain(password);
  });

  test('a read-only server says that it is one, in every language', async () => {
    await user.make({ '%': "IDENTIFIED BY 'first'" });
    for (const language of ['en_US', 'de_DE', 'ja_JP']) {
      await server.execute(`SET GLOBAL lc_messages = '${language}'`);
      await server.execute('SET GLOBAL read_only = 1');
      const failure = await failureOf(run('second'));
      await server.execute('SET GLOBAL read_only = 0');
      expect(failure).toMatchObject({ code: 'read-only-server', driverCode: 'ER_OPTION_PREVENTS_STATEMENT' });
    }
    await server.execute("SET GLOBAL lc_messages = 'en_US'");
    expect(await server.logsIn('app', 'first')).toBe(true);
  });

  test('a server in Oracle mode changes the password', async () => {
    await user.make({ '%': "IDENTIFIED BY 'first'" });
    await server.execute("SET GLOBAL sql_mode = 'ORACLE'");
    await run('second').finally(() => server.execute('SET GLOBAL sql_mode = DEFAULT'));
    expect(await server.logsIn('app', 'second')).toBe(true);
  });
});

test('the control: a password that is sent as it is stands in the log', async () => {
  for (const run of [
    (next: string) => user.change('first', next, { plaintextPassword: true }),
    (next: string) => user.reset(next, { plaintextPassword: true }),
  ]) {
    await user.make({ '%': "IDENTIFIED BY 'first'" });
    const password = `Plain!${Date.now()}`;
    await run(password);
    expect(server.log()).toContain(password);
    expect(await server.logsIn('app', password)).toBe(true);
  }
});

test('a server that is not MariaDB takes the statement for no statement', async () => {
  // MySQL reads the comment as one: what is left must be no statement, least of all one that sets a password.
  await user.make({ '%': "IDENTIFIED BY 'first'" });
  await user.change('first', 'second');
  const own = /SET \/\*M!100400 PASSWORD = \*\/ '[^']+'/.exec(server.log())?.[0] ?? '';
  expect(own).not.toBe('');
  const root = await server.superuser();
  await expect(root.query(own.replace(/\/\*.*\*\//, ''))).rejects.toMatchObject({ errno: 1064 });
  await root.end();
});

test('an expired password can be changed by its user', async () => {
  await user.make({ '%': "IDENTIFIED BY 'first' PASSWORD EXPIRE" });
  const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
  expect(await failureOf(engine.ping(connection))).toMatchObject({ code: 'password-expired' });
  await engine.changeOwnPassword(connection, new Password('second'), new Password('first'));
  await engine.ping(connection);
  await engine.close(connection);
  expect(await server.logsIn('app', 'second')).toBe(true);
});

test('a user that may not read the tables changes its own password', async () => {
  await user.make({ '%': "IDENTIFIED BY 'first'" });
  expect(await server.execute("SHOW GRANTS FOR app@'%'")).toHaveLength(1);
  await user.change('first', 'second');
  expect(await server.logsIn('app', 'second')).toBe(true);
});

test('an anonymous account has no password of its own to change', async () => {
  await user.make({});
  await server.execute("CREATE OR REPLACE USER ''@'127.0.0.1' IDENTIFIED BY 'first'");
  const failure = await failureOf(
    user.change('first', 'second').finally(() => server.execute("DROP USER ''@'127.0.0.1'")),
  );
  expect(failure).toMatchObject({ code: 'missing-privilege', driverCode: 'ER_PASSWORD_ANONYMOUS_USER' });
});

test("tools that trace the driver's statements see none that sets a password", async () => {
  const seen: string[] = [];
  const note = (message: unknown) => seen.push(JSON.stringify(message));
  const names = ['query', 'execute'].map((name) => `tracing:mysql2:${name}:start`);
  for (const name of names) subscribe(name, note);
  try {
    await user.make({ '%': "IDENTIFIED BY 'first'" });
    seen.splice(0);
    await user.change('first', 'second', { plaintextPassword: true });
    await user.reset('third', { plaintextPassword: true });
    expect(seen).toEqual([]);
    // The control: a statement that goes the driver's own way is seen.
    await server.execute("SET PASSWORD FOR app@'%' = PASSWORD('fourth')");
    expect(seen.join()).toContain('fourth');
  } finally {
    for (const name of names) unsubscribe(name, note);
  }
});
