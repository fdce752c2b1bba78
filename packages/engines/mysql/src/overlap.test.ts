import { Password } from '@keyturn/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningDouble, startDouble } from '../service/index.ts';
import { failureOf, limits, loginTo, markedPassword } from '../service/test-logins.ts';
import { mysql } from './index.ts';

const engine = mysql({ overlap: true });
let server: RunningDouble;
beforeAll(async () => {
  server = await startDouble('8.4.5');
});
afterAll(() => server?.stop());

const passwords = ['one', 'two', 'three', 'four'] as const;
/** Which of the passwords log in. */
const working = async () => {
  const found: string[] = [];
  for (const password of passwords) if (await server.logsIn('app', password)) found.push(password);
  return found;
};
/** A user whose first password is the last of these, and whose second one the one before. */
const make = async (...history: readonly string[]) => {
  await server.execute("DROP USER IF EXISTS app@'%'");
  await server.createUser('app', history[0] ?? '');
  for (const next of history.slice(1)) {
    await server.execute(`ALTER USER app@'%' IDENTIFIED BY '${next}' RETAIN CURRENT PASSWORD`);
  }
};
const add = {
  async user(next: string, keep: string) {
    const connection = await engine.connect(loginTo(server, 'app', keep), limits());
    await engine.overlap
      .addPassword(connection, 'app', new Password(next), new Password(keep))
      .finally(() => engine.close(connection));
  },
  async master(next: string, keep: string) {
    const { username, password } = server.administrator;
    const connection = await engine.connect(loginTo(server, username, password), limits());
    await engine.overlap
      .addPassword(connection, 'app', new Password(next), new Password(keep))
      .finally(() => engine.close(connection));
  },
};

describe.each(['user', 'master'] as const)('added by the %s', (who) => {
  test('both passwords log in, and no other', async () => {
    await make('one', 'two');
    await add[who]('three', 'two');
    expect(await working()).toEqual(['two', 'three']);
  });

  test('again, nothing changes', async () => {
    await make('one', 'two');
    for (let count = 0; count < 3; count += 1) await add[who]('three', 'two');
    expect(await working()).toEqual(['two', 'three']);
  });

  test('the one to keep, where it is the second, is kept, and another first one ends', async () => {
    await make('one', 'two');
    await add[who]('three', 'one');
    expect(await working()).toEqual(['one', 'three']);
  });

  test.each([
    ['first', ['one', 'two'], 'two'],
    ['second', ['two', 'one'], 'two'],
  ] as const)('the one to keep, where it is the new one itself and the %s, is alone', async (_title, history, next) => {
    await make(...history);
    await add[who](next, next);
    expect(await working()).toEqual([next]);
  });

  test('a server that forbids old passwords does not stop a retry', async () => {
    await make('one');
    await server.execute("ALTER USER app@'%' PASSWORD HISTORY 5");
    await add[who]('two', 'one');
    await add[who]('two', 'one');
    expect(await working()).toEqual(['one', 'two']);
  });

  test('the log of the server shows no password', async () => {
    const [first, second] = [markedPassword(), markedPassword()];
    await make(first);
    await add[who](second, first);
    expect(await server.logsIn('app', second)).toBe(true);
    for (const password of [first, second]) expect(server.log()).not.toContain(password);
  });
});

test('the control: RETAIN alone, done twice, ends the password to keep', async () => {
  await make('one');
  for (let count = 0; count < 2; count += 1) {
    await server.execute("ALTER USER app@'%' IDENTIFIED BY 'two' RETAIN CURRENT PASSWORD");
  }
  expect(await working()).toEqual(['two']);
});

test('the master adds it to every host row of the user', async () => {
  await make('one');
  await server.execute("CREATE USER app@'10.%' IDENTIFIED BY 'one'");
  await add.master('two', 'one');
  expect(await server.hasPassword('app', 'one')).toBe(true);
  expect(await server.hasPassword('app', 'two')).toBe(true);
  await server.execute("DROP USER app@'10.%'");
});

test('a user without the right for it gets the GRANT, and keeps its password', async () => {
  await make('one');
  await server.execute("REVOKE APPLICATION_PASSWORD_ADMIN ON *.* FROM app@'%'");
  const failure = await failureOf(add.user('two', 'one'));
  expect(failure).toMatchObject({ code: 'missing-privilege', user: 'app' });
  expect(failure.remedy).toContain('GRANT APPLICATION_PASSWORD_ADMIN ON *.* TO `app`@`%`');
  expect(await working()).toEqual(['one']);
});

test.each(['5.7.44', '8.0.13'])('on MySQL %s it is refused before anything is changed', async (version) => {
  const old = await startDouble(version);
  try {
    await old.createUser('app', 'one');
    const before = await old.rightsOf?.('app');
    for (const name of ['app', 'keyturn master']) {
      const password = name === 'app' ? 'one' : old.administrator.password;
      const connection = await engine.connect(loginTo(old, name, password), limits());
      const failure = await failureOf(
        engine.overlap.addPassword(connection, 'app', new Password('two'), new Password('one')),
      );
      await engine.close(connection);
      expect(failure).toMatchObject({ code: 'invalid-configuration', user: 'app' });
      expect(failure.message).toContain(version);
    }
    expect(await old.logsIn('app', 'one')).toBe(true);
    expect(await old.rightsOf?.('app')).toEqual(before);
    expect(old.log()).not.toContain('ALTER');
  } finally {
    await old.stop();
  }
});

test('a password that is changed or reset is alone: a second one ends with the first', async () => {
  await make('one', 'two');
  const connection = await engine.connect(loginTo(server, 'app', 'two'), limits());
  await engine.changeOwnPassword(connection, new Password('three'), new Password('two'));
  await engine.close(connection);
  expect(await working()).toEqual(['three']);
  await make('one', 'two');
  const { username, password } = server.administrator;
  const master = await engine.connect(loginTo(server, username, password), limits());
  await engine.admin?.resetPassword(master, 'app', new Password('four'));
  await engine.close(master);
  expect(await working()).toEqual(['four']);
});
