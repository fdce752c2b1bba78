import { type ConnectLimits, Password } from '@keyturn/core';
import { startTlsTrap, type TrapActor } from '@keyturn/engine-conformance';
import { startPostgres, trapActor } from '@keyturn/service-postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunningPostgres } from '../service/running-postgres.ts';
import { limits, loginTo, waitUntil } from '../service/test-login.ts';
import { type PostgresConnection, postgres } from './index.ts';

const engine = postgres();
const never = new Promise<never>(() => {});
const silence = (reached: () => void) => {
  reached();
  return never;
};

/** Servers that fall silent, each at another moment, and say so. */
const silences: Record<string, (reached: () => void) => TrapActor> = {
  "the server's answer to the request for TLS": (reached) => ({
    async open(socket) {
      await socket.read();
      return silence(reached);
    },
    login: () => never,
  }),
  'the TLS handshake': (reached) => ({
    async open(socket) {
      await socket.read();
      socket.write(Buffer.from('S'));
      await socket.read();
      return silence(reached);
    },
    login: () => never,
  }),
  'the login': (reached) => ({
    ...trapActor(),
    async login(socket) {
      await socket.read();
      return silence(reached);
    },
  }),
  'the login, after the proof': (reached) => ({
    ...trapActor(),
    async login(socket) {
      await trapActor('scram').login(socket);
      return silence(reached);
    },
  }),
};

describe.each(Object.entries(silences))('a server that is silent at %s', (stage, actor) => {
  async function outcome(cut: Partial<ConnectLimits>, reached: () => void = () => {}): Promise<unknown> {
    const trap = await startTlsTrap('trusted', actor(reached));
    const error: unknown = await engine.connect(loginTo(trap, 'app', 'taint'), limits(cut)).catch((e: unknown) => e);
    // The connection is destroyed, not only given up.
    await trap.quiet();
    await trap.close();
    return error;
  }
  const named = expect.stringContaining(stage.split(',')[0] ?? '');

  test('costs the time of a login, and the error names the stage', async () => {
    const begun = performance.now();
    const error = await outcome({ connectTimeoutMs: 500 });
    expect(error).toMatchObject({ code: 'connection-timed-out', message: named, user: 'app' });
    expect(performance.now() - begun).toBeGreaterThan(490);
  });

  test('is left when the time of the invocation ends', async () => {
    const controller = new AbortController();
    const error = await outcome({ signal: controller.signal }, () => controller.abort());
    expect(error).toMatchObject({ code: 'connection-timed-out', message: named });
  });
});

test('no connection is made when no time is left', async () => {
  const trap = await startTlsTrap('trusted', trapActor());
  const attempt = engine.connect(loginTo(trap, 'app', 'taint'), limits({ signal: AbortSignal.abort() }));
  await expect(attempt).rejects.toMatchObject({ code: 'connection-timed-out' });
  await trap.close();
  expect(trap.received().length).toBe(0);
});

describe('a connection to a real server', () => {
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres('18');
  });
  beforeEach(async () => {
    await endSessions();
    await server.execute('DROP ROLE IF EXISTS app');
    await server.createUser('app', 'first');
  });
  afterAll(() => server?.stop());

  const sessions = async () => {
    const rows = await server.execute(`SELECT pid FROM pg_stat_activity WHERE usename = 'app'`);
    return rows.length;
  };
  const endSessions = async () => {
    await server.execute(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'`);
    await waitUntil(async () => (await sessions()) === 0);
  };

  /** A change of password that hangs, because another session has the role's row. */
  async function hangingChange(
    signal: AbortSignal,
  ): Promise<{ change: Promise<unknown>; connection: PostgresConnection; release: () => Promise<void> }> {
    const { username, password } = server.superuser;
    const blocker = await engine.connect(loginTo(server, username, password), limits());
    await blocker.run('BEGIN; ALTER ROLE app CONNECTION LIMIT 10');
    const connection = await engine.connect(loginTo(server, 'app', 'first'), limits({ signal }));
    const change = engine
      .changeOwnPassword(connection, new Password('second'), new Password('first'))
      .catch((error: unknown) => error);
    await waitUntil(async () => {
      const rows = await server.execute(
        `SELECT FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock'`,
      );
      return rows.length === 1;
    });
    return { change, connection, release: () => engine.close(blocker) };
  }

  test('is closed with a goodbye: the server sees the session end', async () => {
    const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
    await engine.ping(connection);
    await engine.close(connection);
    await waitUntil(async () => (await sessions()) === 0);
    expect(server.log()).not.toMatch(/unexpected EOF|could not receive data/);
    await engine.close(connection);
    await expect(engine.ping(connection)).rejects.toMatchObject({ code: 'connection-lost' });
  });

  test('is destroyed when the time ends, and what waits on it rejects', async () => {
    const controller = new AbortController();
    const { change, connection, release } = await hangingChange(controller.signal);
    controller.abort();
    expect(await change).toMatchObject({
      code: 'connection-timed-out',
      message: expect.stringContaining('a statement'),
    });
    await expect(engine.ping(connection)).rejects.toMatchObject({ code: 'connection-timed-out' });
    await release();
    await engine.close(connection);
  });

  test('whose statement the server cancels says so; the password is the old one', async () => {
    const { change, connection, release } = await hangingChange(new AbortController().signal);
    // A change that waits behind a lock must not take effect long after the rotation has given it up.
    expect(server.log()).toMatch(/SET LOCAL statement_timeout = \d+; ALTER ROLE SESSION_USER/);
    await server.execute(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'app'`);
    expect(await change).toMatchObject({ code: 'statement-failed', driverCode: '57014' });
    await engine.ping(connection);
    await release();
    expect(await server.hasPassword('app', 'first')).toBe(true);
    await engine.close(connection);
  });

  test('that the server ends in the middle of a statement is lost', async () => {
    const { change, connection, release } = await hangingChange(new AbortController().signal);
    await endSessions();
    expect(await change).toMatchObject({ code: 'connection-lost', driverCode: '57P01', user: 'app' });
    await release();
    await engine.close(connection);
  });

  test('that the server ends while nobody waits is lost for the next statement, and nothing is unhandled', async () => {
    const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
    await endSessions();
    await expect(engine.ping(connection)).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(engine.changeOwnPassword(connection, new Password('x'), new Password('first'))).rejects.toMatchObject({
      code: 'connection-lost',
    });
    await engine.close(connection);
  });

  test('outlives the time of its login', async () => {
    const connection = await engine.connect(loginTo(server, 'app', 'first'), limits({ connectTimeoutMs: 1_000 }));
    const rows = await connection.run('SELECT pg_sleep(1.1), 1 AS one');
    expect(rows[0]).toMatchObject({ one: 1 });
    await engine.close(connection);
  });
});
