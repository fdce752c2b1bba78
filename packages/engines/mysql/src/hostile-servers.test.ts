import { generateKeyPairSync } from 'node:crypto';
import { startTlsTrap, type TlsTrap } from '@keyturn/engine-conformance';
import { authSwitch, type TrapOptions, trapActor } from '@keyturn/service-mariadb';
import { afterEach, expect, test } from 'vitest';
import { startDouble } from '../service/index.ts';
import { carelessLogin, failureOf, limits, loginTo, markedPassword, secretsIn } from '../service/test-logins.ts';
import { mysql } from './index.ts';

const engine = mysql();
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function trap(kind: 'trusted' | 'no-tls', options: TrapOptions): Promise<TlsTrap> {
  const started = await startTlsTrap(kind, trapActor(options));
  open.push(started);
  return started;
}

const { publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const fullAuthentication = Buffer.from([1, 4]);
const key = Buffer.concat([Buffer.from([1]), Buffer.from(publicKey)]);

/** Ways in which a server in the clear could ask for the password. */
const lures: readonly (readonly [name: string, options: TrapOptions])[] = [
  ['caching_sha2_password, and full authentication', { plugin: 'caching_sha2_password', asks: [fullAuthentication] }],
  [
    'caching_sha2_password, later, and offers a key',
    { asks: [authSwitch('caching_sha2_password'), fullAuthentication, key] },
  ],
  ['sha256_password', { plugin: 'sha256_password', asks: [authSwitch('sha256_password'), key] }],
  ['mysql_clear_password', { asks: [authSwitch('mysql_clear_password')] }],
];

test.each(lures)('without TLS, a server that asks for %s gets no password, in no form', async (_name, options) => {
  const password = markedPassword();
  const server = await trap('no-tls', options);
  const login = loginTo(server, 'app_user', password, { tls: false });
  const failure = await failureOf(engine.connect(login, limits()));
  expect(failure.code).toBe('auth-method-unsupported');
  expect(secretsIn(failure, password)).toEqual([]);
  await server.quiet();
  expect(server.received().includes(password)).toBe(false);
  // The request for a key is one byte; what is encrypted with one has 256.
  expect(server.received().length).toBeLessThan(400);
});

test('the control: the driver left alone encrypts the password with the key of whoever asks', async () => {
  const server = await trap('no-tls', { asks: [authSwitch('caching_sha2_password'), fullAuthentication, key] });
  await expect(carelessLogin(server.port)).rejects.toThrow();
  await server.quiet();
  expect(server.received().length).toBeGreaterThan(400);
});

test('over verified TLS, a server that asks for mysql_clear_password gets nothing', async () => {
  const password = markedPassword();
  const server = await trap('trusted', { asks: [authSwitch('mysql_clear_password')] });
  const failure = await failureOf(engine.connect(loginTo(server, 'app_user', password), limits()));
  expect(failure.code).toBe('auth-method-unsupported');
  expect(failure.message).toContain('mysql_clear_password');
  expect(server.decrypted().includes(password)).toBe(false);
});

test('the name of a method that a server makes up is not repeated', async () => {
  const server = await trap('trusted', { asks: [authSwitch('MARK-of-a-server')] });
  const failure = await failureOf(engine.connect(loginTo(server, 'app_user', markedPassword()), limits()));
  expect(failure.code).toBe('auth-method-unsupported');
  expect(JSON.stringify(failure)).not.toContain('MARK-of-a-server');
});

test.each(['mysql_native_password', 'caching_sha2_password', 'sha256_password'])(
  'over verified TLS, %s logs in, whichever method the server names first',
  async (plugin) => {
    for (const version of ['8.0.42', '5.7.44']) {
      const server = await startDouble(version);
      try {
        if (!server.model.version.plugins.includes(plugin)) continue;
        await server.execute(`CREATE USER app@'%' IDENTIFIED WITH ${plugin} BY 'first'`);
        // Twice: the second time the server remembers it.
        for (let count = 0; count < 2; count += 1) {
          const connection = await engine.connect(loginTo(server, 'app', 'first'), limits());
          await engine.ping(connection);
          await engine.close(connection);
        }
        expect(await failureOf(engine.connect(loginTo(server, 'app', 'wrong'), limits()))).toMatchObject({
          code: 'login-failed',
        });
      } finally {
        await server.stop();
      }
    }
  },
);
