import { Password } from '@keyturn/core';
import { failureOf, limits, loginTo, markedPassword } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
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

beforeEach(() => user.make({ '%': "IDENTIFIED BY 'first'" }));

const withPlugin = async (plugin: string, use: () => Promise<void>) => {
  await server.execute(`INSTALL SONAME '${plugin}'`);
  await use().finally(() => server.execute(`UNINSTALL SONAME '${plugin}'`));
};

test('a hash is refused where the rules must see the password, and the error says what to do', async () => {
  await withPlugin('simple_password_check', async () => {
    for (const failure of [
      await failureOf(user.change('first', 'Long!enough1')),
      await failureOf(user.reset('Long!enough1')),
    ]) {
      expect(failure).toMatchObject({ code: 'password-refused', driverCode: 'ER_OPTION_PREVENTS_STATEMENT' });
      expect(failure.remedy).toContain('plaintextPassword');
    }
  });
  expect(await server.logsIn('app', 'first')).toBe(true);
});

test('sent as it is, a password that the rules like is set, and one that they do not is refused', async () => {
  await withPlugin('simple_password_check', async () => {
    const plaintext = { plaintextPassword: true };
    const refused = [
      await failureOf(user.change('first', 'short', plaintext)),
      await failureOf(user.reset('short', plaintext)),
    ];
    for (const failure of refused) {
      expect(failure).toMatchObject({ code: 'password-refused', driverCode: 'ER_NOT_VALID_PASSWORD' });
    }
    expect(await server.logsIn('app', 'first')).toBe(true);
    await user.change('first', 'Long!enough1', plaintext);
    expect(await server.logsIn('app', 'Long!enough1')).toBe(true);
    await user.reset('Long!enough2', plaintext);
    expect(await server.logsIn('app', 'Long!enough2')).toBe(true);
  });
});

test('rules against reuse do not refuse the password that is set already', async () => {
  await withPlugin('password_reuse_check', async () => {
    const plaintext = { plaintextPassword: true };
    await user.change('first', 'second', plaintext);
    await user.change('second', 'second', plaintext);
    await user.reset('third', plaintext);
    await user.reset('third', plaintext);
    expect(await server.logsIn('app', 'third')).toBe(true);
    expect(await failureOf(user.reset('second', plaintext))).toMatchObject({ code: 'password-refused' });
  });
});

test('a refusal after the first account is no refusal of the password', async () => {
  await user.make({ '%': "IDENTIFIED BY 'first'", '10.%': "IDENTIFIED BY 'first'" });
  await withPlugin('password_reuse_check', async () => {
    await server.execute("SET PASSWORD FOR app@'10.%' = PASSWORD('used before')");
    await server.execute("SET PASSWORD FOR app@'10.%' = PASSWORD('used now')");
    const failure = await failureOf(user.reset('used before', { plaintextPassword: true }));
    expect(failure).toMatchObject({ code: 'statement-failed', driverCode: 'ER_NOT_VALID_PASSWORD' });
    expect(failure.message).toContain('1 of the 2 accounts');
  });
});

test('a password is not sent as it is without TLS', async () => {
  const plain = mariadb({ plaintextPassword: true });
  const connection = await plain.connect(loginTo(server, 'app', 'first', { tls: false }), limits());
  const password = markedPassword();
  const failure = await failureOf(plain.changeOwnPassword(connection, new Password(password), new Password('first')));
  expect(failure.code).toBe('invalid-configuration');
  expect(server.log()).not.toContain(password);
  // The control: the hash may go.
  await engine.changeOwnPassword(connection, new Password('second'), new Password('first'));
  await plain.close(connection);
  expect(await server.logsIn('app', 'second')).toBe(true);
});
