import { once } from 'node:events';
import { failureOf, limits, loginTo, makeAuthority, markedPassword, startTlsTrap } from '@keyturn/engine-conformance';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { greeting, packet, type RunningMariadb, startMariadb, trapActor } from '../service/index.ts';
import { startSilentServer } from '../service/silent-server.ts';
import { mariadb } from './index.ts';

const engine = mariadb();
const { certificate: ca } = makeAuthority('Keyturn tests');
const open: { close(): Promise<void> }[] = [];
let server: RunningMariadb;

beforeAll(async () => {
  server = await startMariadb();
  await server.createUser('app', 'first');
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

const shortTime = 150;
/** Enough for TLS, also where the machine is busy. */
const timeForAHandshake = 1500;

test('a server that never greets is given up when the time is over, and the socket is closed', async () => {
  const { port, quiet } = await silent();
  const failure = await failureOf(engine.connect(loginTo({ port, ca }, 'app', 'first'), limits(shortTime)));
  expect(failure).toMatchObject({ code: 'connection-timed-out', endpoint: `localhost:${port}`, user: 'app' });
  expect(failure.message).toContain("the server's greeting did not come within 150 ms");
  await quiet();
});

test('a greeting that comes byte by byte does not gain time', async () => {
  const bytes = packet(0, greeting(true));
  let timer: NodeJS.Timeout | undefined;
  const { port, quiet } = await silent((socket) => {
    let at = 0;
    timer = setInterval(() => socket.write(bytes.subarray(at++, at)), 20);
  });
  const failure = await failureOf(engine.connect(loginTo({ port, ca }, 'app', 'first'), limits(shortTime)));
  clearInterval(timer);
  expect(failure.code).toBe('connection-timed-out');
  await quiet();
});

test('a server that says nothing after the request for TLS is given up', async () => {
  const { port, quiet } = await silent((socket, chunk) => {
    if (chunk === undefined) socket.write(packet(0, greeting(true)));
  });
  const failure = await failureOf(engine.connect(loginTo({ port, ca }, 'app', 'first'), limits(shortTime)));
  expect(failure.code).toBe('connection-timed-out');
  expect(failure.message).toContain("the server's part of the TLS handshake did not come within 150 ms");
  await quiet();
});

test('a server that says nothing after the login is given up, with TLS and without', async () => {
  for (const kind of ['trusted', 'no-tls'] as const) {
    const actor = trapActor();
    const trap = await startTlsTrap(kind, {
      open: actor.open,
      async login(socket) {
        await actor.login(socket);
        // Until the client goes.
        await socket.read();
      },
    });
    open.push(trap);
    const change = kind === 'no-tls' ? ({ tls: false } as const) : {};
    const login = loginTo(trap, 'app', markedPassword(), change);
    const failure = await failureOf(engine.connect(login, limits(timeForAHandshake)));
    expect(failure.code).toBe('connection-timed-out');
    expect(failure.message).toContain("the server's answer to the login did not come within 1500 ms");
    await trap.quiet();
  }
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
  const login = loginTo({ port, ca }, 'app', 'first');
  const failure = await failureOf(engine.connect(login, { connectTimeoutMs: 600_000, signal: AbortSignal.abort() }));
  expect(failure.code).toBe('connection-timed-out');
  expect(received()).toHaveLength(0);
});

test('the signal ends a statement that runs, and every one after it', async () => {
  const controller = new AbortController();
  const connection = await engine.connect(loginTo(server, 'app', 'first'), { ...limits(), signal: controller.signal });
  const running = failureOf(connection.query('SELECT SLEEP(600)'));
  await until(async () => (await sessions()).some((row) => String(row.INFO).startsWith('SELECT SLEEP')));
  controller.abort();
  expect(await running).toMatchObject({ code: 'connection-timed-out', user: 'app' });
  expect(await failureOf(engine.ping(connection))).toMatchObject({ code: 'connection-timed-out' });
  await engine.close(connection);
});

test('a connection that the server ends while nobody uses it is lost at the next statement', async () => {
  const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
  const [row] = await connection.query('SELECT CONNECTION_ID() AS id');
  await server.execute(`KILL CONNECTION ${row?.id}`);
  await until(async () => !(await sessions()).some(({ ID }) => ID === row?.id));
  expect(await failureOf(engine.ping(connection))).toMatchObject({ code: 'connection-lost' });
  await engine.close(connection);
});

test('a connection that the server ends during a statement is lost', async () => {
  const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
  const [row] = await connection.query('SELECT CONNECTION_ID() AS id');
  const running = failureOf(connection.query('SELECT SLEEP(600)'));
  await until(async () => (await sessions()).some((one) => String(one.INFO).startsWith('SELECT SLEEP')));
  await server.execute(`KILL CONNECTION ${row?.id}`);
  expect(await running).toMatchObject({ code: 'connection-lost' });
  await engine.close(connection);
});

test.each([
  ['at once', 0],
  ['after the request for TLS', 1],
])('a server that hangs up %s loses the connection', async (_title, after) => {
  const { port } = await silent((socket, chunk) => {
    if (chunk === undefined && after > 0) socket.write(packet(0, greeting(true)));
    else if (!socket.destroyed) socket.destroy();
  });
  const failure = await failureOf(engine.connect(loginTo({ port, ca }, 'app', 'first'), limits()));
  expect(failure.code).toBe('connection-lost');
});

test('a server that hangs up after the login loses the connection', async () => {
  const trap = await startTlsTrap('trusted', {
    open: trapActor().open,
    async login(socket) {
      await socket.read();
      throw new Error('hang up');
    },
  });
  open.push(trap);
  const failure = await failureOf(engine.connect(loginTo(trap, 'app', 'first'), limits()));
  expect(failure.code).toBe('connection-lost');
});

test('what speaks another protocol is no MariaDB server', async () => {
  for (const first of ['SSH-2.0-OpenSSH_9.2\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n', '\x50\x00\x00\x00\x09old']) {
    const { port } = await silent((socket, chunk) => {
      if (chunk === undefined) socket.write(first);
    });
    const failure = await failureOf(engine.connect(loginTo({ port, ca }, 'app', 'first'), limits()));
    expect(failure.code).toBe('connection-refused');
  }
});

test('a server whose TLS is none fails as such', async () => {
  const { port } = await silent((socket, chunk) => {
    if (chunk === undefined) socket.write(packet(0, greeting(true)));
    else socket.write('no TLS at all');
  });
  const failure = await failureOf(engine.connect(loginTo({ port, ca }, 'app', 'first'), limits()));
  expect(failure.code).toBe('tls-failed');
});

test('a server with old TLS versions only fails as such', async () => {
  const old = await startMariadb({ settings: { 'tls-version': 'TLSv1.1' } });
  try {
    const failure = await failureOf(engine.connect(loginTo(old, 'app', 'first'), limits()));
    expect(failure.code).toBe('tls-failed');
  } finally {
    await old.stop();
  }
});

test('close ends the session on the server, and may be called twice', async () => {
  const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
  const [row] = await connection.query('SELECT CONNECTION_ID() AS id');
  await engine.close(connection);
  expect((await sessions()).some(({ ID }) => ID === row?.id)).toBe(false);
  await engine.close(connection);
  expect(await failureOf(engine.ping(connection))).toMatchObject({ code: 'connection-lost' });
});

test('close does not wait for a server that says nothing', async () => {
  const trap = await startTlsTrap('trusted', {
    open: trapActor().open,
    async login(socket) {
      await socket.read();
      socket.write(packet(3, Buffer.from([0, 0, 0, 2, 0, 0, 0])));
      await once(new EventTarget(), 'never');
    },
  });
  open.push(trap);
  const connection = await engine.connect(loginTo(trap, 'app', 'first'), limits());
  const statement = failureOf(engine.ping(connection));
  await engine.close(connection);
  expect((await statement).code).toBe('connection-lost');
  await trap.quiet();
});

async function sessions(): Promise<Record<string, unknown>[]> {
  return server.execute('SELECT ID, INFO FROM information_schema.processlist');
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
