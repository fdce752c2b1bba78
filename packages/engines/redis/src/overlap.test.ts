import { Password } from '@keyturn/core';
import {
  failureOf,
  loginTo,
  makeAuthority,
  startWireTap,
  type WireAction,
  type WirePoint,
} from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOf } from '../service/hash-of.ts';
import { protocol, type RunningRedis, startRedis } from '../service/index.ts';
import { testUser } from '../service/test-user.ts';
import { type RedisConnection, redis } from './index.ts';

const engine = redis();
const authority = makeAuthority('Keyturn tests');
let server: RunningRedis;
const user = testUser(() => server);

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server?.stop());

type Work = (connection: RedisConnection) => Promise<void>;

/**
 * Runs it over a connection that is dropped or frozen at one point, and looks at every point whether the user
 * could still log in with its password.
 * @returns the points passed, and those at which it could not
 */
async function crashAt(index: number, action: WireAction, work: Work): Promise<{ points: number; gaps: number }> {
  let [count, gaps] = [0, 0];
  const tap = await startWireTap({
    protocol,
    upstream: server,
    certificate: authority.sign(),
    async onPoint(point: WirePoint) {
      if (!(await server.hasPassword('app', 'first'))) gaps += 1;
      if (point.kind !== 'statement') return 'pass';
      count += 1;
      return count - 1 === index ? action : 'pass';
    },
  });
  try {
    const login = loginTo({ port: tap.port, ca: authority.certificate }, 'app', 'first');
    const controller = new AbortController();
    const connection = await engine.connect(login, { connectTimeoutMs: 10_000, signal: controller.signal });
    const done = work(connection).finally(() => engine.close(connection));
    if (index === -1) await done;
    else {
      const failure = failureOf(done);
      // A frozen server ends for the client only with its time.
      if (action === 'freeze') await untilCount(() => count > index).then(() => controller.abort());
      expect((await failure).code).toBe(action === 'freeze' ? 'connection-timed-out' : 'connection-lost');
    }
    expect(tap.faults).toEqual([]);
    return { points: count, gaps };
  } finally {
    await tap.close();
  }
}

const add: Work = (connection) =>
  engine.overlap.addPassword(connection, 'app', new Password('second'), new Password('first'));

describe.each(['drop', 'freeze'] as const)('a connection that is lost (%s)', (action) => {
  test('before or after any command leaves the old password working, and a repeat converges', async () => {
    await user.make(['first', 'old']);
    const { points } = await crashAt(-1, 'pass', add);
    // GETUSER, SAVE, SETUSER, GETUSER, SAVE: before and after each.
    expect(points).toBe(10);
    for (let index = 0; index < points; index += 1) {
      await user.make(['first', 'old']);
      expect(await crashAt(index, action, add)).toEqual({ points: index + 1, gaps: 0 });
      expect(await user.loggingIn('first')).toEqual(['first']);
      await user.asUser('first', add);
      await server.restart();
      expect(await user.loggingIn('first', 'second', 'old')).toEqual(['first', 'second']);
    }
  });
});

test('the control: a change that drops the old password first is found', async () => {
  const careless: Work = async (connection) => {
    await connection.command(['ACL', 'SETUSER', 'app', 'resetpass', `#${hashOf('second')}`]);
    await connection.command(['ACL', 'SETUSER', 'app', `#${hashOf('first')}`]);
  };
  await user.make(['first']);
  expect((await crashAt(-1, 'pass', careless)).gaps).toBeGreaterThan(0);
});

test('a client that logs in with the old password all the time is never refused', async () => {
  await user.make(['first', 'old']);
  let changing = true;
  let refused = 0;
  const client = (async () => {
    while (changing) if (!(await server.logsIn('app', 'first'))) refused += 1;
  })();
  for (const next of ['second', 'third', 'fourth', 'fifth']) {
    await user.asMaster((master) =>
      engine.overlap.addPassword(master, 'app', new Password(next), new Password('first')),
    );
  }
  changing = false;
  await client;
  expect(refused).toBe(0);
});

async function untilCount(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
