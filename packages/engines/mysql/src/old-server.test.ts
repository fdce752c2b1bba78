import { Password } from '@keyturn/core';
import type { RunningService } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOldServer } from '../service/index.ts';
import { failureOf, limits, loginTo, markedPassword } from '../service/test-logins.ts';
import { pairOf, rotationPassword, testTwins } from '../service/test-twins.ts';
import { mysql } from './index.ts';

// The one real MySQL that there is for tests. Its TLS is too old for Node.
const engine = mysql();
let server: RunningService;
const twins = testTwins(() => server, false);

beforeAll(async () => {
  server = await startOldServer();
});
afterAll(() => server?.stop());

const connect = (username: string, password: string) =>
  engine.connect(loginTo(server, username, password, { tls: false }), limits());

test('a user changes its own password, and the log of the server shows the hash only', async () => {
  const [first, second] = [markedPassword(), markedPassword()];
  await server.createUser('own', first);
  const connection = await connect('own', first);
  await engine.changeOwnPassword(connection, new Password(second), new Password(first));
  await engine.close(connection);
  expect(await server.logsIn('own', second)).toBe(true);
  expect(await server.logsIn('own', first)).toBe(false);
  expect(server.log()).not.toContain(second);
});

test('the master resets the password of every host row, and the log shows the hash only', async () => {
  const [first, second] = [markedPassword(), markedPassword()];
  await server.createUser('reset', first);
  await server.furnish?.('reset');
  const { username, password } = server.administrator;
  const master = await connect(username, password);
  await engine.admin?.resetPassword(master, 'reset', new Password(second));
  await engine.close(master);
  expect(await server.hasPassword('reset', second)).toBe(true);
  expect(server.log()).not.toContain(second);
});

test('a twin gets rights of every kind, and follows as they change', async () => {
  await server.createUser('app', 'first');
  await server.furnish?.('app');
  const password = rotationPassword('a password of the rotation');
  for (const turn of [1, 2, 3]) {
    const [current, next] = turn % 2 === 1 ? ['app', 'app_clone'] : ['app_clone', 'app'];
    if (turn > 1) await server.furnish?.(current);
    const before = await server.rightsOf?.(current);
    const change = { current, next, password, isKnown: () => Promise.resolve(turn > 1) };
    await twins.clone(change);
    expect(await twins.compare(change)).toEqual([]);
    expect(await server.rightsOf?.(next)).toEqual(before);
    expect(await server.logsIn(next, password.reveal())).toBe(turn > 2);
    await twins.reset(change);
    expect(await server.logsIn(next, password.reveal())).toBe(true);
  }
});

test('a twin whose name the server cannot keep is refused', async () => {
  await server.createUser('elevenchars', 'first');
  const pair = pairOf({
    base: 'elevenchars',
    current: 'elevenchars',
    next: 'elevenchars_clone',
    twin: 'elevenchars_clone',
  });
  expect(await failureOf(twins.clone(pair))).toMatchObject({ code: 'twin-name-too-long', user: 'elevenchars_clone' });
});

test('there is no second password: the error says so, and the first stays', async () => {
  await server.createUser('overlap', 'first');
  const connection = await connect('overlap', 'first');
  const { overlap } = mysql({ overlap: true });
  const failure = await failureOf(
    overlap.addPassword(connection, 'overlap', new Password('second'), new Password('first')),
  );
  await engine.close(connection);
  expect(failure).toMatchObject({ code: 'invalid-configuration', user: 'overlap' });
  expect(failure.message).toContain('5.6.24');
  expect(await server.logsIn('overlap', 'first')).toBe(true);
});
