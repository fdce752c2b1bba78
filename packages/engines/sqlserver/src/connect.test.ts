import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { CertificateAuthorities, hasCode, type Login, Password, RotationError, verifiedTls } from '@keyturn/core';
import { makeAuthority, recordError, recordSecret } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSqlServer } from '../service/index.ts';
import type { RunningSqlServer } from '../service/running-sqlserver.ts';
import { serverMessage } from '../service/tds/message-reader.ts';
import { encryption, preloginAnswer } from '../service/tds/prelogin.ts';
import { tokens } from '../service/tds/tokens.ts';
import { limits, loginTo } from '../service/test-login.ts';
import { sqlserver } from './index.ts';
import { loginErrors } from './login-errors.ts';

const engine = sqlserver();
const password = 'Taint-password-"\'\\%~1';
recordSecret(password);

async function failureOf(login: Login): Promise<RotationError> {
  const error: unknown = await engine.connect(login, limits()).catch((thrown: unknown) => thrown);
  recordError(error);
  if (!(error instanceof RotationError)) throw new Error(`no RotationError: ${inspect(error)}`);
  return error;
}

describe('SQL Server 2022 (double)', () => {
  let server: RunningSqlServer;
  beforeAll(async () => {
    server = await startSqlServer();
    await server.createUser('app', password);
  });
  afterAll(() => server?.stop());

  test.each(['localhost', '127.0.0.1'])(
    'the certificate is verified for %s, and the password logs in',
    async (host) => {
      const connection = await engine.connect(loginTo(server, 'app', password, { host }), limits());
      await engine.ping(connection);
      await engine.close(connection);
    },
  );

  test.each(['localhost', '127.0.0.1'])(
    'a certificate for another host is refused at %s: it is the host that counts',
    async (host) => {
      const authority = makeAuthority('Other host');
      const other = await startSqlServer({ certificate: authority.sign({ hosts: ['db.example', '192.0.2.1'] }) });
      try {
        const tls = verifiedTls(host, new CertificateAuthorities([authority.certificate], undefined));
        const error = await failureOf({ ...loginTo(other, 'app', password), host, tls });
        expect(error.code).toBe('tls-wrong-host');
        expect(await other.refusedLogins('app')).toBe(0);
      } finally {
        await other.stop();
      }
    },
  );

  test('a server that must have TLS refuses "ssl": false before any login', async () => {
    const strict = await startSqlServer({ requiresTls: true });
    try {
      expect((await failureOf(loginTo(strict, 'app', password, { tls: false }))).code).toBe('tls-required');
    } finally {
      await strict.stop();
    }
  });

  test('with "ssl": false it is spoken in the clear, where the server lets it', async () => {
    const connection = await engine.connect(loginTo(server, 'app', password, { tls: false }), limits());
    await engine.ping(connection);
    await engine.close(connection);
  });

  test.each([...loginErrors].map(([number, cause]) => ({ number, code: cause.code })))(
    'a login that is refused with $number is $code',
    async ({ number, code }) => {
      server.parts.refuseWith.number = number;
      const error = await failureOf(loginTo(server, 'app', password));
      server.parts.refuseWith.number = undefined;
      expect(error).toMatchObject({ code, driverCode: `${number} state 1`, user: 'app' });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('The server refuses the login');
    },
  );

  test('a number that nobody knows is a refusal, not a wrong password', async () => {
    server.parts.refuseWith.number = 12_345;
    const error = await failureOf(loginTo(server, 'app', password));
    server.parts.refuseWith.number = undefined;
    expect(error).toMatchObject({ code: 'login-not-allowed', driverCode: '12345 state 1' });
  });

  test.each(['db\\instance', 'tcp:db.example.com', 'db.example.com,1433'])(
    'host %j names more than a host',
    async (host) => {
      const error = await failureOf(loginTo(server, 'app', password, { host, tls: false }));
      expect(error.code).toBe('invalid-secret');
      expect(error.remedy).toContain('the port of the instance into port');
    },
  );

  test.each([
    ['an empty password', { password: new Password('') }],
    ['a password with NUL', { password: new Password(`${password}\0`) }],
    ['a password of 129 characters', { password: new Password('p'.repeat(129)) }],
    ['a user name with NUL', { username: 'app\0' }],
    ['a database name of 129 characters', { database: 'd'.repeat(129) }],
  ] as const)('%s is refused before anything is sent', async (_name, more) => {
    expect((await failureOf({ ...loginTo(server, 'app', password), port: 1, ...more })).code).toBe('invalid-secret');
  });

  test('nothing that is printed of a connection, or found in its driver, holds the password', async () => {
    const connection = await engine.connect(loginTo(server, 'app', password), limits());
    expect(inspect(connection, { depth: 20, showHidden: true })).not.toContain('Taint-password');
    await engine.close(connection);
  });

  test('a login that is refused is told as such also when the server hangs up at once', async () => {
    for (let run = 0; run < 20; run += 1) {
      expect((await failureOf(loginTo(server, 'app', 'wrong'))).code).toBe('login-failed');
      server.login('app').badPasswords = 0;
    }
  });
});

/** A listener that answers whatever comes with these bytes, one piece for each packet. */
async function scripted(
  ...answers: readonly Buffer[]
): Promise<{ port: number; heard(): Buffer; close(): Promise<void> }> {
  const got: Buffer[] = [];
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const left = [...answers];
    socket.on('data', (bytes) => {
      got.push(bytes);
      const answer = left.shift();
      if (answer === undefined) socket.destroy();
      else socket.write(answer);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    heard: () => Buffer.concat(got),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

describe('a hostile server', () => {
  const authority = makeAuthority('Unused');
  const at = (port: number, tls: Login['tls']): Login => ({
    ...loginTo({ port, ca: authority.certificate }, 'app', password),
    tls,
  });
  const verified = loginTo({ port: 1, ca: authority.certificate }, 'app', password).tls;
  const utf16 = Buffer.from('app', 'utf16le');

  test.each([
    ['says that it has no TLS', serverMessage(preloginAnswer(encryption.notSupported)), 'tls-not-offered'],
    ['says that TLS is off', serverMessage(preloginAnswer(encryption.off)), 'tls-not-offered'],
    [
      'sends a login’s answer in the clear',
      serverMessage(Buffer.concat([tokens.loginAck(), tokens.done({})])),
      'connection-refused',
    ],
    [
      'puts bytes behind its answer',
      Buffer.concat([serverMessage(preloginAnswer(encryption.on)), Buffer.from([4, 1])]),
      'connection-refused',
    ],
    ['answers with noise', Buffer.from('220 mail.example ESMTP\r\n'), 'connection-refused'],
    ['answers and then sends no handshake', serverMessage(preloginAnswer(encryption.on)), 'connection-lost'],
  ] as const)('that %s hears no login', async (_name, answer, code) => {
    const trap = await scripted(answer);
    try {
      expect(hasCode(await failureOf(at(trap.port, verified)), code)).toBe(true);
      expect(trap.heard().includes(utf16)).toBe(false);
    } finally {
      await trap.close();
    }
  });

  test('control: with "ssl": false, the same listener hears the login', async () => {
    const trap = await scripted(serverMessage(preloginAnswer(encryption.notSupported)));
    try {
      await failureOf(at(trap.port, false));
      expect(trap.heard().includes(utf16)).toBe(true);
    } finally {
      await trap.close();
    }
  });

  test('that sends the login on to another host is not followed', async () => {
    const elsewhere = await scripted();
    const route = Buffer.from('127.0.0.1', 'utf16le');
    const body = Buffer.alloc(8);
    body.writeUInt8(20, 0);
    body.writeUInt16LE(5 + route.length, 1);
    body.writeUInt16LE(elsewhere.port, 4);
    body.writeUInt16LE(route.length / 2, 6);
    const envelope = Buffer.concat([body, route, Buffer.from([0, 0])]);
    const length = Buffer.alloc(2);
    length.writeUInt16LE(envelope.length);
    const routing = Buffer.concat([Buffer.from([0xe3]), length, envelope]);
    const trap = await scripted(
      serverMessage(preloginAnswer(encryption.notSupported)),
      serverMessage(Buffer.concat([tokens.loginAck(), routing, tokens.done({})])),
    );
    try {
      const error = await failureOf(at(trap.port, false));
      expect(error.code).toBe('login-not-allowed');
      expect(error.details.message).toContain('sends the login on to another host');
      expect(elsewhere.heard().length).toBe(0);
    } finally {
      await trap.close();
      await elsewhere.close();
    }
  });
});
