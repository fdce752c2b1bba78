import { Password } from '@keyturn/core';
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
import { afterEach, expect, test } from 'vitest';
import { openClient } from '../service/client.ts';
import { hashOf } from '../service/hash-of.ts';
import { startRedis, trapActor } from '../service/index.ts';
import { startScriptedServer, welcome } from '../service/scripted-server.ts';
import { startSilentServer } from '../service/silent-server.ts';
import { redis } from './index.ts';

const engine = redis();
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function trap(kind: Parameters<typeof startTlsTrap>[0]): Promise<TlsTrap> {
  const started = await startTlsTrap(kind, trapActor());
  open.push(started);
  return started;
}

async function redisServer(...options: Parameters<typeof startRedis>) {
  const server = await startRedis(...options);
  open.push({ close: () => server.stop() });
  return server;
}

const codes = {
  'no-tls': 'tls-not-offered',
  untrusted: 'tls-untrusted',
  expired: 'tls-untrusted',
  'wrong-host': 'tls-wrong-host',
} as const;

test.each(hostileKinds)('a server that is %s hears nothing of the login', async (kind) => {
  const server = await trap(kind);
  const password = markedPassword();
  const failure = await failureOf(engine.connect(loginTo(server, 'app_user', password), limits()));
  expect(failure).toMatchObject({ code: codes[kind], endpoint: `localhost:${server.port}`, user: 'app_user' });
  await server.quiet();
  // Without TLS there is a second one, which asks whether it is so.
  expect(server.connections).toBe(kind === 'no-tls' ? 2 : 1);
  expect(server.decrypted()).toHaveLength(0);
  for (const secret of ['app_user', password, hashOf(password)]) expect(server.received().includes(secret)).toBe(false);
});

test.each(hostileKinds)('the control: a careless client tells a server that is %s its password', async (kind) => {
  const server = await trap(kind);
  const password = markedPassword();
  const tls = kind === 'no-tls' ? {} : { tls: true as const, rejectUnauthorized: false };
  const careless = openClient({ host: 'localhost', port: server.port, ...tls }, { username: 'app_user', password });
  await expect(careless).rejects.toThrow();
  await server.quiet();
  const heard = kind === 'no-tls' ? server.received() : server.decrypted();
  expect(heard.includes(password)).toBe(true);
});

test('a server without TLS that answers the handshake with an error is told from one whose TLS fails', async () => {
  const { certificate: ca } = makeAuthority('Keyturn tests');
  for (const [answer, code] of [
    ["-ERR unknown command '\x16', with args beginning with: \r\n", 'tls-not-offered'],
    ['\x15\x03\x01\x00\x02\x02\x28', 'tls-failed'],
    ['no TLS at all', 'tls-failed'],
  ] as const) {
    const server = await startSilentServer((socket, chunk) => {
      if (chunk !== undefined) socket.write(Buffer.from(answer, 'latin1'));
    });
    open.push(server);
    const password = markedPassword();
    const failure = await failureOf(engine.connect(loginTo({ port: server.port, ca }, 'app', password), limits()));
    expect(failure.code).toBe(code);
    expect(server.received().includes(password)).toBe(false);
  }
});

test('without TLS, too, a server that takes TLS only does not hear the password', async () => {
  const password = markedPassword();
  const listening = await startSilentServer((socket, chunk) => {
    if (chunk !== undefined) socket.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 40]));
  });
  open.push(listening);
  const login = loginTo({ port: listening.port, ca: '' }, 'app', password, { tls: false });
  expect(await failureOf(engine.connect(login, limits()))).toMatchObject({ code: 'tls-required', user: 'app' });
  await listening.quiet();
  expect(listening.received().includes(password)).toBe(false);
  // The control: one that answers in the clear hears it.
  const inTheClear = await startScriptedServer(...welcome);
  open.push(inTheClear);
  const other = loginTo({ port: inTheClear.port, ca: '' }, 'app', password, { tls: false });
  await engine.close(await engine.connect(other, limits()));
  expect(inTheClear.received().includes(password)).toBe(true);
});

test('without TLS where the secret says so, the login works', async () => {
  const server = await redisServer({ tls: false });
  await server.createUser('app', 'first');
  const connection = await engine.connect(loginTo(server, 'app', 'first', { tls: false }), limits());
  await engine.overlap.addPassword(connection, 'app', new Password('second'), new Password('first'));
  await engine.close(connection);
  expect(await server.logsIn('app', 'second')).toBe(true);
});

test('a host that is an IP address needs a certificate for that address', async () => {
  const authority = makeAuthority('Keyturn tests');
  const { port } = await redisServer({ certificate: authority.sign({ hosts: ['localhost'] }) });
  const login = loginTo({ port, ca: authority.certificate }, 'app', 'first', { host: '127.0.0.1' });
  expect(await failureOf(engine.connect(login, limits()))).toMatchObject({ code: 'tls-wrong-host' });
  const right = await redisServer();
  await right.createUser('app', 'first');
  // The control: a certificate that names the address is taken.
  await engine.close(await engine.connect(loginTo(right, 'app', 'first', { host: '127.0.0.1' }), limits()));
});

test('every login verifies the certificate anew, with the check that the login brings', async () => {
  const server = await redisServer();
  await server.createUser('app', 'first');
  let verifications = 0;
  const login = loginTo(server, 'app', 'first');
  if (login.tls === false) throw new Error('TLS is on');
  const check = login.tls.checkServerIdentity;
  const checkServerIdentity = (...args: Parameters<NonNullable<typeof check>>) => {
    verifications += 1;
    return check?.(...args);
  };
  for (let count = 1; count <= 3; count += 1) {
    const connection = await engine.connect({ ...login, tls: { ...login.tls, checkServerIdentity } }, limits());
    await engine.close(connection);
    expect(verifications).toBe(count);
  }
  // The control: what the check says counts.
  const refusing = { ...login.tls, checkServerIdentity: () => Object.assign(new Error('no'), { code: 'NO' }) };
  const failure = await failureOf(engine.connect({ ...login, tls: refusing }, limits()));
  expect(failure).toMatchObject({ code: 'tls-untrusted', driverCode: 'NO' });
});
