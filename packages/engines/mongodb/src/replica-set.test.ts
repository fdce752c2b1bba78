import { Password } from '@keyturn/core';
import { failureOf, freePort, limits, markedPassword } from '@keyturn/engine-conformance';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../service/double/refusal.ts';
import { dialects, type RunningMongodb, startMongodb } from '../service/index.ts';
import { loginTo } from '../service/test-logins.ts';
import { mongodb } from './index.ts';

const engine = mongodb();
const direct = mongodb({ directConnection: true });
const [first, second] = [markedPassword(), markedPassword()];
let server: RunningMongodb;

beforeEach(async () => {
  server = await startMongodb(dialects.mongodb8, { members: 3 });
  await server.createUser('app', first);
});
afterEach(() => server?.stop());

const set = () => server.double.set;
const port = (member: number) => server.double.ports[member] ?? 0;
const at = (member: number, password = first) => loginTo({ port: port(member), ca: server.ca }, 'app', password);
const list = (...ports: readonly number[]) =>
  loginTo(server, 'app', first, { host: ports.map((one) => `localhost:${one}`).join(',') });
const change = (connection: Awaited<ReturnType<typeof engine.connect>>) =>
  engine.changeOwnPassword(connection, new Password(second), new Password(first));

async function changeAt(login: ReturnType<typeof at>, by = engine): Promise<void> {
  const connection = await by.connect(login, limits());
  await change(connection).finally(() => by.close(connection));
}

async function nobodyIsConnected(): Promise<void> {
  while (server.double.members.some(({ open }) => open > 0)) await new Promise((go) => setImmediate(go));
}

test.each([0, 1, 2])('whichever member the secret names, the primary is changed: %i', async (member) => {
  await changeAt(at(member));
  expect(server.double.hasPassword('admin', 'app', second)).toBe(true);
  // One login, wherever the members sent it.
  expect(server.double.log.logins).toBe(1);
  await nobodyIsConnected();
});

describe('a list of members', () => {
  test('is asked in order, past one that is down', async () => {
    await changeAt(list(await freePort(), port(2)));
    expect(server.double.hasPassword('admin', 'app', second)).toBe(true);
  });

  test('of which none answers fails as the first does, and says where', async () => {
    const [a, b] = [await freePort(), await freePort()];
    const failure = await failureOf(engine.connect(list(a, b), limits()));
    expect(failure).toMatchObject({ code: 'connection-refused', endpoint: `localhost:${a}` });
  });

  test.each(['a,,b', 'a:0', 'a:70000', 'a/b', '[::1', 'user@host', ''])('%j is refused', async (host) => {
    const login = { ...loginTo(server, 'app', first), host };
    expect((await failureOf(engine.connect(login, limits()))).code).toBe('invalid-secret');
  });
});

describe('without a primary', () => {
  test('the login waits for the election', async () => {
    set().stepDown();
    const connecting = engine.connect(at(0), limits());
    const { log } = server.double;
    while (log.commands().filter((name) => name === 'isMaster').length < 3) await new Promise((go) => setImmediate(go));
    set().elect(1);
    const connection = await connecting;
    await change(connection);
    await engine.close(connection);
    expect(server.double.hasPassword('admin', 'app', second)).toBe(true);
  });

  test('in half of the time it is server-not-ready, and nobody has logged in', async () => {
    set().stepDown();
    const failure = await failureOf(engine.connect(at(0), limits(400)));
    expect(failure).toMatchObject({ code: 'server-not-ready', user: 'app' });
    expect(server.double.log.logins).toBe(0);
  });

  test('the signal ends the wait', async () => {
    set().stepDown();
    const controller = new AbortController();
    const failure = failureOf(engine.connect(at(0), { connectTimeoutMs: 600_000, signal: controller.signal }));
    controller.abort();
    expect((await failure).code).toBe('connection-timed-out');
  });
});

test('a primary that cannot be reached by the name that members give it is told as such', async () => {
  const misnamed = await startMongodb(dialects.mongodb8, { members: 2, advertised: 'member.invalid' });
  try {
    await misnamed.createUser('app', first);
    misnamed.double.set.elect(1);
    const login = loginTo(misnamed, 'app', first);
    const failure = await failureOf(engine.connect(login, limits(600)));
    expect(failure).toMatchObject({ code: 'host-not-found', endpoint: `member.invalid:${misnamed.double.ports[1]}` });
    // The option leaves it at the one that is named: it takes logins, and no changes.
    const connection = await direct.connect(login, limits());
    await direct.ping(connection);
    expect((await failureOf(change(connection))).code).toBe('read-only-server');
    await direct.close(connection);
  } finally {
    await misnamed.stop();
  }
});

test('a secondary by itself is read-only-server', async () => {
  expect((await failureOf(changeAt(at(1), direct))).code).toBe('read-only-server');
  expect(server.double.hasPassword('admin', 'app', first)).toBe(true);
});

describe('an election between login and change', () => {
  test('is followed to the new primary', async () => {
    const connection = await engine.connect(at(0), limits());
    set().elect(2);
    await change(connection);
    await engine.close(connection);
    expect(server.double.hasPassword('admin', 'app', second)).toBe(true);
    await nobodyIsConnected();
  });

  test.each([
    [189, 'PrimarySteppedDown'],
    [11602, 'InterruptedDueToReplStateChange'],
    [91, 'ShutdownInProgress'],
  ])('that leaves open whether the change took effect is server-not-ready: %i', async (code, name) => {
    const connection = await engine.connect(at(0), limits());
    server.double.once('updateUser', 'after', new Refusal(code, name, 'about to step down'));
    expect(await failureOf(change(connection))).toMatchObject({ code: 'server-not-ready', driverCode: name });
    await engine.close(connection);
  });
});

describe('replication', () => {
  test('a change that a majority has outlives the primary', async () => {
    set().lag(1);
    await changeAt(at(0));
    set().elect(2);
    expect(server.double.hasPassword('admin', 'app', second)).toBe(true);
  });

  test('a change waits for the majority', async () => {
    set().lag(1);
    set().lag(2);
    const connection = await engine.connect(at(0), limits());
    let done = false;
    const changing = change(connection).then(() => {
      done = true;
    });
    const has = () => server.double.hasPassword('admin', 'app', second);
    while (!has()) await new Promise((go) => setImmediate(go));
    // The control: without the wait it would be over by now, and this election would take it back.
    expect(await server.double.set.majority(50)).toBe(false);
    expect(done).toBe(false);
    set().catchUp(2);
    await changing;
    await engine.close(connection);
    set().elect(2);
    expect(has()).toBe(true);
  });

  test('a majority that does not come is server-not-ready', async () => {
    const connection = await engine.connect(at(0), limits());
    server.double.set.majority = () => Promise.resolve(false);
    expect(await failureOf(change(connection))).toMatchObject({
      code: 'server-not-ready',
      driverCode: 'WriteConcernTimeout',
    });
    await engine.close(connection);
  });

  test('a secondary that does not know the new password yet is not asked', async () => {
    set().lag(1);
    await changeAt(at(0));
    const connection = await engine.connect(at(1, second), limits());
    await engine.ping(connection);
    await engine.close(connection);
    // The control: by itself it refuses.
    expect((await failureOf(direct.connect(at(1, second), limits()))).code).toBe('login-failed');
  });
});
