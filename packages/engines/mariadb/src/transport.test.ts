import { Password } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import {
  failureOf,
  hostileKinds,
  limits,
  loginTo,
  makeAuthority,
  markedPassword,
  startTlsTrap,
  type TlsTrap,
} from '@keyturn/engine-conformance';
import { createConnection } from 'mysql2/promise';
import { afterEach, expect, test } from 'vitest';
import { authSwitch, greeting, packet, startMariadb, type TrapOptions, trapActor } from '../service/index.ts';
import { type SilentServer, startSilentServer } from '../service/silent-server.ts';
import { mariadb } from './index.ts';

const engine = mariadb();
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function trap(kind: Parameters<typeof startTlsTrap>[0], options?: TrapOptions): Promise<TlsTrap> {
  const started = await startTlsTrap(kind, trapActor(options));
  open.push(started);
  return started;
}

const codes = {
  'no-tls': 'tls-not-offered',
  untrusted: 'tls-untrusted',
  expired: 'tls-untrusted',
  'wrong-host': 'tls-wrong-host',
} as const;

test.each(hostileKinds)('a server that is %s hears nothing of the login', async (kind) => {
  const server = await trap(kind);
  const failure = await failureOf(engine.connect(loginTo(server, 'app_user', markedPassword()), limits()));
  expect(failure).toMatchObject({ code: codes[kind], endpoint: `localhost:${server.port}`, user: 'app_user' });
  await server.quiet();
  expect(server.connections).toBe(1);
  expect(server.decrypted()).toHaveLength(0);
  expect(server.received().includes('app_user')).toBe(false);
  if (kind === 'no-tls') expect(server.received()).toHaveLength(0);
});

test.each(hostileKinds)('the control: a careless client tells a server that is %s its proof', async (kind) => {
  const server = await trap(kind, { asks: [authSwitch('client_ed25519')] });
  const careless = createConnection({
    host: 'localhost',
    port: server.port,
    user: 'app_user',
    password: 'whatever',
    ...(kind === 'no-tls' ? {} : { ssl: { rejectUnauthorized: false } }),
  });
  await expect(careless).rejects.toThrow();
  await server.quiet();
  const heard = kind === 'no-tls' ? server.received() : server.decrypted();
  expect(heard.includes('app_user')).toBe(true);
});

test('a host that is an IP address needs a certificate for that address', async () => {
  const authority = makeAuthority('Keyturn tests');
  const certificate = authority.sign({ hosts: ['localhost'] });
  const server = await startMariadb({ certificate });
  try {
    await server.createUser('app', 'first');
    const { port } = server;
    const login = loginTo({ port, ca: authority.certificate }, 'app', 'first', { host: '127.0.0.1' });
    expect(await failureOf(engine.connect(login, limits()))).toMatchObject({ code: 'tls-wrong-host' });
    // The control: the driver's own verification takes this certificate for the address.
    const ssl = { ca: authority.certificate, verifyIdentity: true };
    await (await createConnection({ host: '127.0.0.1', port, user: 'app', password: 'first', ssl })).end();
  } finally {
    await server.stop();
  }
});

test('a host that is an IP address logs in with a certificate for it', async () => {
  const server = await startMariadb();
  try {
    await server.createUser('app', 'first');
    const connection = await engine.connect(loginTo(server, 'app', 'first', { host: '127.0.0.1' }), limits());
    await engine.ping(connection);
    await engine.close(connection);
  } finally {
    await server.stop();
  }
});

test('no TLS session is resumed: every login verifies the certificate anew', async () => {
  const server = await startMariadb();
  try {
    await server.createUser('app', 'first');
    let verifications = 0;
    const login = loginTo(server, 'app', 'first');
    if (login.tls === false) throw new Error('TLS is on');
    const check = login.tls.checkServerIdentity;
    const counting = {
      ...login,
      tls: {
        ...login.tls,
        checkServerIdentity: (...args: Parameters<NonNullable<typeof check>>) => {
          verifications += 1;
          return check?.(...args);
        },
      },
    };
    for (let login = 1; login <= 3; login += 1) {
      const connection = await engine.connect(counting, limits());
      await engine.ping(connection);
      await engine.close(connection);
      expect(verifications).toBe(login);
    }
  } finally {
    await server.stop();
  }
});

const luring = ['mysql_clear_password', 'sha256_password', 'caching_sha2_password', 'mysql_old_password', 'dialog'];

test.each(luring)('a server that asks for %s gets the password in no form that it could read', async (plugin) => {
  const password = markedPassword();
  // In the greeting, in a request to switch, and both; and then, as caching_sha2_password does, for more.
  for (const options of [{ plugin }, { asks: [authSwitch(plugin)] }, { plugin, asks: [Buffer.from([1, 4])] }]) {
    for (const kind of ['trusted', 'no-tls'] as const) {
      const server = await trap(kind, options);
      const login = loginTo(server, 'app_user', password, kind === 'no-tls' ? { tls: false } : {});
      const attempt = failureOf(engine.connect(login, limits()));
      const failure = await attempt;
      if (options.asks !== undefined) expect(failure).toMatchObject({ code: 'auth-method-unsupported' });
      await server.quiet();
      const heard = Buffer.concat([server.decrypted(), server.received()]);
      expect(heard.includes('app_user')).toBe(true);
      expect(heard.includes(password)).toBe(false);
      expect(heard.includes(nativeHash(new Password(password)))).toBe(false);
      // One login and nothing behind it: no answer to the lure, no request for a key.
      expect(packets(kind === 'trusted' ? server.decrypted() : server.received())).toBe(1);
    }
  }
});

test('the control: the driver left alone sends the password itself to a server that asks for sha256_password', async () => {
  const server = await trap('trusted', { plugin: 'sha256_password' });
  const ssl = { ca: server.ca, verifyIdentity: true };
  const careless = createConnection({
    host: 'localhost',
    port: server.port,
    user: 'app_user',
    password: 'in the clear',
    ssl,
  });
  await expect(careless).rejects.toThrow();
  expect(server.decrypted().includes('in the clear')).toBe(true);
});

/** Whoever sits between client and server can put bytes behind the greeting, before TLS has begun. */
async function injector(): Promise<SilentServer> {
  const okay = packet(2, Buffer.from([0, 0, 0, 2, 0, 0, 0]));
  const started = await startSilentServer((socket, chunk) => {
    if (chunk === undefined) socket.write(Buffer.concat([packet(0, greeting(true)), okay]));
  });
  open.push(started);
  return started;
}

test('an answer put behind the greeting before TLS is no login', async () => {
  const server = await injector();
  const login = loginTo({ port: server.port, ca: makeAuthority('Keyturn tests').certificate }, 'app', 'first');
  expect(await failureOf(engine.connect(login, limits()))).toMatchObject({ code: 'connection-refused' });
  expect(server.received()).toHaveLength(0);
});

test('the control: the driver left alone takes it for one', async () => {
  const server = await injector();
  const careless = await createConnection({
    host: 'localhost',
    port: server.port,
    user: 'app',
    password: 'x',
    ssl: {},
  });
  careless.destroy();
});

function packets(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; count += 1) at += 4 + bytes.readUIntLE(at, 3);
  return count;
}
