import { Password } from '@keyturn/core';
import { failureOf, limits, loginTo, makeAuthority, startTlsTrap } from '@keyturn/engine-conformance';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { hashOf } from '../service/hash-of.ts';
import { type RunningRedis, startRedis, trapActor } from '../service/index.ts';
import { startScriptedServer, welcome } from '../service/scripted-server.ts';
import { startSilentServer } from '../service/silent-server.ts';
import { redis } from './index.ts';

const engine = redis();
const { certificate: ca } = makeAuthority('Keyturn tests');
const open: { close(): Promise<void> }[] = [];
let server: RunningRedis;

beforeAll(async () => {
  server = await startRedis();
  await server.command('ACL', 'SETUSER', 'app', 'on', `#${hashOf('first')}`, '~*', '+@all');
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => server?.stop());

async function silent(...play: Parameters<typeof startSilentServer>) {
  const started = await startSilentServer(...play);
  open.push(started);
  return started;
}

async function scripted(...answers: readonly (string | Buffer)[]) {
  const started = await startScriptedServer(...answers);
  open.push(started);
  return { ...started, login: loginTo({ port: started.port, ca }, 'app', 'first', { tls: false }) };
}

const shortTime = 150;

test('a server that says nothing to the TLS handshake is given up, and every socket is closed', async () => {
  const { port, quiet } = await silent();
  const failure = await failureOf(engine.connect(loginTo({ port, ca }, 'app', 'first'), limits(shortTime)));
  expect(failure).toMatchObject({ code: 'connection-timed-out', endpoint: `localhost:${port}`, user: 'app' });
  expect(failure.message).toContain("the server's part of the TLS handshake did not come within 150 ms");
  await quiet();
});

test.each([
  ['before the login', [], "the server's answer"],
  ['to the login', [welcome[0] ?? ''], "the server's answer to the login"],
])('a server that says nothing %s is given up', async (_title, answers, what) => {
  const { login, quiet } = await scripted(...answers);
  const failure = await failureOf(engine.connect(login, limits(shortTime)));
  expect(failure.code).toBe('connection-timed-out');
  expect(failure.message).toContain(`${what} did not come within 150 ms`);
  await quiet();
});

test('a server that says nothing to the login over TLS is given up', async () => {
  const actor = trapActor();
  const trap = await startTlsTrap('trusted', {
    open: actor.open,
    async login(socket) {
      await actor.login(socket);
      // Until the client goes.
      await socket.read();
    },
  });
  open.push(trap);
  const failure = await failureOf(engine.connect(loginTo(trap, 'app', 'first'), limits(shortTime)));
  expect(failure.code).toBe('connection-timed-out');
  expect(failure.message).toContain("the server's answer to the login did not come within 150 ms");
  await trap.quiet();
});

test('an answer that comes byte by byte does not gain time', async () => {
  let timer: NodeJS.Timeout | undefined;
  const { port, quiet } = await silent((socket, chunk) => {
    if (chunk !== undefined && timer === undefined) timer = setInterval(() => socket.write('+'), 20);
  });
  const login = loginTo({ port, ca }, 'app', 'first', { tls: false });
  const failure = await failureOf(engine.connect(login, limits(shortTime)));
  clearInterval(timer);
  expect(failure.code).toBe('connection-timed-out');
  await quiet();
});

test('the signal ends a login at once, long before its time limit', async () => {
  const { port, quiet } = await silent();
  const controller = new AbortController();
  const login = loginTo({ port, ca }, 'app', 'first');
  const failure = failureOf(engine.connect(login, { connectTimeoutMs: 600_000, signal: controller.signal }));
  controller.abort();
  expect(await failure).toMatchObject({ code: 'connection-timed-out' });
  await quiet();
});

test('a signal that has aborted already lets nothing be sent', async () => {
  const { port, received } = await silent();
  const login = loginTo({ port, ca }, 'app', 'first', { tls: false });
  const failure = await failureOf(engine.connect(login, { connectTimeoutMs: 600_000, signal: AbortSignal.abort() }));
  expect(failure.code).toBe('connection-timed-out');
  expect(received()).toHaveLength(0);
});

test('the signal ends a command that runs, and every one after it', async () => {
  const controller = new AbortController();
  const connection = await engine.connect(loginTo(server, 'app', 'first'), { ...limits(), signal: controller.signal });
  const running = failureOf(connection.command(['BLPOP', 'nothing', '0']));
  await until(async () => (await clients()).includes('cmd=blpop'));
  controller.abort();
  expect(await running).toMatchObject({ code: 'connection-timed-out', user: 'app' });
  expect(await failureOf(engine.ping(connection))).toMatchObject({ code: 'connection-timed-out' });
  await engine.close(connection);
  await until(async () => !(await clients()).includes('user=app'));
});

test('a connection that the server ends while nobody uses it is lost at the next command', async () => {
  const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
  await server.command('CLIENT', 'KILL', 'USER', 'app');
  await until(async () => !(await clients()).includes('user=app'));
  expect(await failureOf(engine.ping(connection))).toMatchObject({ code: 'connection-lost', user: 'app' });
  await engine.close(connection);
});

test('a connection that the server ends during a command is lost', async () => {
  const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
  const running = failureOf(connection.command(['BLPOP', 'nothing', '0']));
  await until(async () => (await clients()).includes('cmd=blpop'));
  await server.command('CLIENT', 'KILL', 'USER', 'app');
  expect(await running).toMatchObject({ code: 'connection-lost' });
  await engine.close(connection);
});

test('close ends the session on the server, and may be called twice', async () => {
  const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
  expect(await clients()).toContain('user=app');
  await engine.close(connection);
  expect(await clients()).not.toContain('user=app');
  await engine.close(connection);
  expect(await failureOf(engine.ping(connection))).toMatchObject({ code: 'connection-lost' });
});

test('close does not wait for a server that says nothing', async () => {
  const { login, quiet } = await scripted(...welcome);
  const connection = await engine.connect(login, limits());
  const running = failureOf(engine.ping(connection));
  await engine.close(connection);
  expect((await running).code).toBe('connection-lost');
  await quiet();
});

const endless = Buffer.alloc(3_000_000, 'x');
const hostile: readonly (readonly [string, string | Buffer])[] = [
  ['garbage', '\x00\x01\x02garbage\r\n'],
  ['an error that does not end', Buffer.concat([Buffer.from('-ERR '), endless])],
  ['a text of a terabyte', '$1099511627776\r\n'],
  ['a text of a number that is none', '$12x4\r\n'],
  ['a text of a negative length', '$-7\r\n'],
  ['a text that is longer than it says', '$2\r\nPONG\r\n'],
  ['a list of a billion texts', '*1000000000\r\n'],
  ['lists in lists', '*1\r\n'.repeat(100_000)],
  ['a long list of long texts', Buffer.from(`*1000000\r\n${'$9\r\nxxxxxxxxx\r\n'.repeat(100_000)}`)],
  ['an error in a list', '*1\r\n-ERR no\r\n'],
  ['a push message', '>2\r\n+message\r\n+hello\r\n'],
  ['a map', '%1\r\n+a\r\n+b\r\n'],
  ['two answers', '+PONG\r\n+PONG\r\n'],
];

test.each(hostile)('%s for an answer to a command ends the connection', async (title, answer) => {
  const { login, quiet } = await scripted(...welcome, answer);
  const connection = await engine.connect(login, limits());
  const first = engine.ping(connection).then(
    () => undefined,
    (error: unknown) => error,
  );
  // The second of two answers comes when nobody waits for it.
  if (title === 'two answers') expect(await first).toBeUndefined();
  else expect(await first).toMatchObject({ code: 'connection-lost', user: 'app' });
  await quiet();
  expect(await failureOf(engine.ping(connection))).toMatchObject({ code: 'connection-lost' });
  await engine.close(connection);
});

test.each(hostile)('%s for an answer to the login is no login', async (title, answer) => {
  const { login, quiet } = await scripted(welcome[0] ?? '', answer);
  const failure = await failureOf(engine.connect(login, limits()));
  expect(failure).toMatchObject({ code: 'connection-refused', user: 'app' });
  expect(title).not.toBe('');
  await quiet();
});

test('whatever a server answers, a change of a password ends in time, with an error of ours', async () => {
  for (const [, answer] of hostile) {
    const { login } = await scripted(...welcome, answer);
    const connection = await engine.connect(login, limits());
    const change = engine.changeOwnPassword(connection, new Password('second'), new Password('first'));
    expect(['connection-lost', 'statement-failed']).toContain((await failureOf(change)).code);
    await engine.close(connection);
  }
});

async function clients(): Promise<string> {
  return String(await server.command('CLIENT', 'LIST'));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
