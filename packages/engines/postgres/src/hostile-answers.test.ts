import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { startTlsTrap } from '@keyturn/engine-conformance';
import { authentication, trapActor } from '@keyturn/service-postgres';
import { expect, test } from 'vitest';
import { limits, loginTo } from '../service/test-login.ts';
import { postgres } from './index.ts';

const engine = postgres();

/** What a login says to a listener that answers every first message with these bytes. */
async function loginAgainst(answer: Buffer, tls: boolean, greeting = Buffer.alloc(0)): Promise<unknown> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write(greeting);
    socket.once('data', () => socket.write(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const login = loginTo({ port, ca: '' }, 'app', 'taint-hostile', tls ? {} : { tls: false });
  try {
    return await engine.connect(login, limits()).catch((error: unknown) => error);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

test.each([
  ['GSSAPI', 7],
  ['SSPI', 9],
  ['a method of the future', 99],
])('a server that asks for %s gets a clear refusal, and the process lives', async (_name, code) => {
  const trap = await startTlsTrap('trusted', trapActor({ code }));
  const login = loginTo(trap, 'app', 'taint-hostile');
  await expect(engine.connect(login, limits())).rejects.toMatchObject({ code: 'auth-method-unsupported' });
  await trap.close();
});

test('a server that offers only SASL mechanisms other than SCRAM-SHA-256 is refused', async () => {
  const error = await loginAgainst(authentication(10, Buffer.from('OAUTHBEARER\0\0')), false);
  expect(error).toMatchObject({ code: 'auth-method-unsupported' });
});

test('bytes after the answer to the request for TLS are refused', async () => {
  const injected = Buffer.concat([Buffer.from('S'), authentication(3)]);
  expect(await loginAgainst(injected, true)).toMatchObject({ code: 'tls-failed' });
});

test('an error in place of that answer is told, and not what it says', async () => {
  const error = await loginAgainst(Buffer.from('Ecould not fork\n\0'), true);
  expect(error).toMatchObject({ code: 'server-not-ready' });
  expect((error as Error).message).not.toContain('fork');
});

test('another protocol at the port is told', async () => {
  expect(await loginAgainst(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), true)).toMatchObject({
    code: 'tls-failed',
  });
  expect(await loginAgainst(Buffer.alloc(0), true, Buffer.from('J\0\0\0\n8.0.36'))).toMatchObject({
    code: 'tls-failed',
  });
});

test.each([
  ['a message shorter than its own length', Buffer.from([0x52, 0, 0, 0, 1, 0, 0, 0, 0])],
  ['a message of two gigabytes', Buffer.from([0x52, 0x7f, 0xff, 0xff, 0xff])],
  ['an authentication request without a number', Buffer.from([0x52, 0, 0, 0, 4])],
  ['an MD5 request without a salt', Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 5])],
  ['no PostgreSQL at all', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
])('%s ends the login with an error, not the process', async (_name, answer) => {
  const error = await loginAgainst(answer, false);
  expect(error).toMatchObject({ name: 'RotationError', endpoint: expect.stringContaining('localhost:') });
});
