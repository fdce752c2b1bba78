import { Password } from '@keyturn/core';
import { limits, markedPassword } from '@keyturn/engine-conformance';
import { afterEach, describe, expect, test } from 'vitest';
import { dialects, type RunningMongodb, startMongodb } from '../service/index.ts';
import { loginTo } from '../service/test-logins.ts';
import { type MongodbOptions, mongodb } from './index.ts';

let server: RunningMongodb;
afterEach(() => server?.stop());

const [first, second] = [markedPassword(), markedPassword()];

async function changeOwn(options: MongodbOptions = {}, database = 'admin', username = 'app'): Promise<void> {
  const engine = mongodb(options);
  const connection = await engine.connect(loginTo(server, username, first, { database }), limits());
  await engine.ping(connection);
  await engine.changeOwnPassword(connection, new Password(second), new Password(first));
  await engine.close(connection);
}

describe.each(Object.entries(dialects))('%s', (_name, dialect) => {
  const options: MongodbOptions = { server: dialect.kind === 'docdb' ? 'documentdb' : 'mongodb' };

  test('the old password works until the change, and the new one from then on', async () => {
    server = await startMongodb(dialect);
    await server.createUser('app', first);
    expect(await server.logsIn('app', first)).toBe(true);
    await changeOwn(options);
    expect(await server.logsIn('app', first)).toBe(false);
    expect(await server.logsIn('app', second)).toBe(true);
    expect(server.double.log.refusedLogins('app')).toBe(1);
  });

  test('a master resets the password of another user', async () => {
    server = await startMongodb(dialect);
    await server.createUser('app', first);
    const engine = mongodb(options);
    const { username, password } = server.administrator;
    const connection = await engine.connect(loginTo(server, username, password), limits());
    await engine.admin.resetPassword(connection, 'app', new Password(second));
    await engine.admin.resetPassword(connection, 'app', new Password(second));
    await engine.close(connection);
    expect(await server.logsIn('app', second)).toBe(true);
  });
});

test('a login is two round trips, and a change two more', async () => {
  server = await startMongodb(dialects.mongodb8);
  await server.createUser('app', first);
  await changeOwn();
  expect(server.double.log.commands()).toEqual(['isMaster', 'saslContinue', 'ping', 'usersInfo', 'updateUser']);
});

test.each([[['SCRAM-SHA-1']], [['SCRAM-SHA-256']], [['SCRAM-SHA-1', 'SCRAM-SHA-256']]])(
  'a user with %j has these and no other after the change',
  async (mechanisms) => {
    server = await startMongodb(dialects.mongodb8);
    const roles = [{ role: 'changeOwnPassword', db: 'admin' }];
    await server.double.run('app', { createUser: 'app', pwd: first, roles, mechanisms });
    await changeOwn({}, 'app');
    expect(Object.keys(server.double.user('app', 'app')?.credentials ?? {})).toEqual(mechanisms);
    expect(await server.logsInTo('app', 'app', second)).toBe(true);
    // The control: the server gives all that it knows to whoever names none.
    await server.double.run('app', { updateUser: 'app', pwd: first });
    expect(Object.keys(server.double.user('app', 'app')?.credentials ?? {})).toEqual(['SCRAM-SHA-1', 'SCRAM-SHA-256']);
  },
);

test('roles, customData and restrictions stay', async () => {
  server = await startMongodb(dialects.mongodb8);
  await server.createUser('app', first);
  await server.furnish?.('app');
  const before = await server.rightsOf?.('app');
  await changeOwn();
  expect(await server.rightsOf?.('app')).toEqual(before);
  expect(before?.length).toBeGreaterThan(5);
});

test('a user of one database changes, and one of the same name in another does not', async () => {
  server = await startMongodb(dialects.mongodb8);
  await server.createUser('app', first);
  const roles = [{ role: 'changeOwnPassword', db: 'admin' }];
  await server.double.run('other', { createUser: 'app', pwd: first, roles });
  await changeOwn({}, 'other');
  expect(await server.logsInTo('other', 'app', second)).toBe(true);
  expect(await server.logsIn('app', first)).toBe(true);
});

test('names that the vendor’s driver cannot log in with are no trouble', async () => {
  server = await startMongodb(dialects.mongodb8);
  for (const name of [',a,,b', '==a=b', 'a=2Cb,c']) {
    await server.createUser(name, first);
    await changeOwn({}, 'admin', name);
    expect(server.double.hasPassword('admin', name, second)).toBe(true);
  }
});
