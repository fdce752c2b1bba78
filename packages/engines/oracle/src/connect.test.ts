import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Login, Password } from '@keyturn/core';
import { makeAuthority, recordSecret } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { bareDriver } from '../service/bare-driver.ts';
import { type RunningOracle, startOracle } from '../service/index.ts';
import { failureOf, limits, loginTo, verifiedTlsTo } from '../service/test-logins.ts';
import { oracle } from './index.ts';

const engine = oracle();
const password = 'taint-Password-of-connect';
let server: RunningOracle;

beforeAll(async () => {
  recordSecret(password);
  server = await startOracle('19c');
  await server.createUser('app', password);
});
afterAll(() => server?.stop());
beforeEach(() => {
  for (const key of ['refuses', 'redirects', 'beginsTlsAnew'] as const) delete server.listener[key];
});

async function logIn(change: Partial<Login> = {}): Promise<void> {
  const connection = await engine.connect(loginTo(server, 'app', password, change), limits());
  await engine.ping(connection).finally(() => engine.close(connection));
}

const loginsIn = () => server.log().match(/^login: /gm)?.length ?? 0;

describe('dbname', () => {
  test.each(['keyturn', 'KEYTURN', 'KT'])('%s, a service name or a SID, takes one login', async (database) => {
    const before = loginsIn();
    await logIn({ database });
    expect(loginsIn() - before).toBe(1);
    expect(await server.refusedLogins?.('app')).toBe(0);
  });

  test('is tried in both ways without TLS, too', async () => {
    const plain = await startOracle('19c', { tls: false });
    onTestFinished(() => plain.stop());
    await plain.createUser('app', password);
    for (const database of ['keyturn', 'KT']) {
      const connection = await engine.connect(loginTo(plain, 'app', password, { tls: false, database }), limits());
      await engine.ping(connection).finally(() => engine.close(connection));
    }
    expect(plain.log().match(/^login: /gm)).toHaveLength(2);
  });

  test('that the listener knows in no way is refused before anybody has logged in', async () => {
    const before = loginsIn();
    expect(await failureOf(logIn({ database: 'nothing' }))).toMatchObject({
      code: 'unknown-database',
      driverCode: 'NJS-519',
    });
    expect(loginsIn()).toBe(before);
  });

  test.each(['a)(b', 'a=b', 'a b', 'a"b', "a'b", 'a\\b', ''])(
    '%j, which would be more than a name, is not sent',
    async (database) => {
      const log = server.log();
      expect(await failureOf(logIn({ database }))).toMatchObject({ code: 'unknown-database' });
      expect(server.log()).toBe(log);
    },
  );
});

describe('TLS', () => {
  test('is verified once more where the server begins it anew', async () => {
    server.listener.beginsTlsAnew = true;
    await logIn();
    const stranger = makeAuthority('Keyturn tests').certificate;
    expect(await failureOf(logIn({ tls: verifiedTlsTo('localhost', stranger) }))).toMatchObject({
      code: 'tls-untrusted',
    });
  });

  test('a listener that sends the client on to another port is followed, by TLS', async () => {
    const other = await startOracle('19c', { certificate: server.listener.certificate as never });
    try {
      await other.createUser('app', password);
      server.listener.redirects = `(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=127.0.0.1)(PORT=${other.port})))`;
      await logIn();
      expect(other.log()).toContain('login: APP');
    } finally {
      await other.stop();
    }
  });

  test('a listener that sends the client on to a certificate for another host is not followed', async () => {
    const authority = makeAuthority('Keyturn tests');
    const other = await startOracle('19c', { certificate: authority.sign({ hosts: ['127.0.0.1'] }) });
    try {
      server.listener.redirects = `(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=127.0.0.1)(PORT=${other.port})))`;
      const tls = verifiedTlsTo('localhost', `${server.ca}${authority.certificate}`);
      expect(await failureOf(logIn({ tls }))).toMatchObject({ code: 'tls-wrong-host' });
      expect(other.log()).not.toContain('login');
    } finally {
      await other.stop();
    }
  });

  test('is never left for plaintext: a redirection to it is refused before the login', async () => {
    const plain = await startOracle('19c', { tls: false });
    try {
      await plain.createUser('app', password);
      server.listener.redirects = `(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=127.0.0.1)(PORT=${plain.port})))`;
      expect(await failureOf(logIn())).toMatchObject({ code: 'tls-not-offered' });
      expect(plain.log()).not.toContain('login');
      // The control: who asks for no TLS gets there.
      await logIn({ tls: false, port: plain.port });
      expect(plain.log()).toContain('login: APP');
    } finally {
      await plain.stop();
    }
  });

  test('a login without it, at a port for it, is told so', async () => {
    expect(await failureOf(logIn({ tls: false }))).toMatchObject({ code: 'tls-required' });
  });

  test('the connections of others through the same driver are not touched', async () => {
    const connectString = `(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=localhost)(PORT=${server.port}))(CONNECT_DATA=(SERVICE_NAME=keyturn)))`;
    const theirs = bareDriver.getConnection({ user: 'app', password, connectString, connectionIdPrefix: 'keyturn-x' });
    // The driver's own way knows no authority of ours.
    await expect(theirs).rejects.toMatchObject({ code: 'NJS-506' });
    await logIn();
  });
});

test.each([
  ['a port that cannot be', { port: 70_000 }, 'invalid-secret'],
  ['an empty password', { password: new Password('') }, 'invalid-secret'],
  ['a host that is none', { host: 'a)(HOST=b' }, 'host-not-found'],
  ['a wrong password', { password: new Password('wrong') }, 'login-failed'],
] as const)('%s: its code, the endpoint and the user', async (_name, change, code) => {
  const failure = await failureOf(logIn(change));
  expect(failure).toMatchObject({ code, user: 'app' });
  expect(failure.endpoint).toContain(':');
});

test('a warning at the login, such as a password that expires soon, is no failure', async () => {
  const user = server.model.users.get('APP');
  if (user !== undefined) user.expiry = 'EXPIRED(GRACE)';
  await logIn();
  if (user !== undefined) user.expiry = undefined;
});

describe('a connection that is given up and forgotten', () => {
  /** What nobody could catch while the connections that `make` opens, and gives up, are collected as garbage. */
  async function uncaughtWhileCollecting(
    make: (other: RunningOracle) => Promise<WeakKey>,
  ): Promise<readonly unknown[]> {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const others = process.listeners('uncaughtException');
    const uncaught: unknown[] = [];
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => uncaught.push(error));
    try {
      const other = await startOracle('19c', { tls: false });
      await other.createUser('app', password);
      const forgotten: WeakRef<WeakKey>[] = [];
      for (let i = 0; i < 3; i += 1) forgotten.push(new WeakRef(await make(other)));
      await other.stop();
      while (forgotten.some((each) => each.deref() !== undefined)) {
        await new Promise((resolve) => setImmediate(resolve));
        collect();
      }
      // The registry's callbacks have tasks of their own.
      for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
      return uncaught;
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of others) process.on('uncaughtException', listener);
    }
  }

  test('ends no process when it is collected', async () => {
    const uncaught = await uncaughtWhileCollecting(async (other) => {
      const timeIsUp = new AbortController();
      const login = loginTo(other, 'app', password, { tls: false });
      const connection = await engine.connect(login, limits(10_000, timeIsUp.signal));
      timeIsUp.abort();
      return connection;
    });
    expect(uncaught).toEqual([]);
  });

  test('the control: a connection of the driver alone does', async () => {
    const uncaught = await uncaughtWhileCollecting(async (other) => {
      const connection = await bareDriver.getConnection({
        user: 'app',
        password,
        connectString: `(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=localhost)(PORT=${other.port}))(CONNECT_DATA=(SERVICE_NAME=keyturn)))`,
      });
      const { nscon } = connection._impl as unknown as { nscon: { ntAdapter: { stream: Socket } } };
      nscon.ntAdapter.stream.destroy();
      return connection;
    });
    expect(uncaught).not.toEqual([]);
  });
});

test('nothing of a connection can be printed', async () => {
  const connection = await engine.connect(loginTo(server, 'app', password), limits());
  const { inspect } = await import('node:util');
  expect(inspect(connection, { depth: 9, showHidden: true })).not.toContain(password);
  expect(JSON.stringify(connection)).toBe('{}');
  await engine.close(connection);
});
