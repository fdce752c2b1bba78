import { inspect } from 'node:util';
import type { Activity } from '@keyturn/connection';
import { fromDriver } from '@keyturn/driver-mysql2';
import { failureOf, limits, loginTo, markedPassword, secretsIn } from '@keyturn/engine-conformance';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningMariadb, startMariadb } from '../service/index.ts';
import { dialect } from './dialect.ts';
import { mariadb } from './index.ts';
import { serverErrors } from './server-errors.ts';

const engine = mariadb();
const password = markedPassword();
let server: RunningMariadb;

beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.stop());

test('an authentication method that is not spoken is named', async () => {
  await server.execute("CREATE OR REPLACE USER app@'%' IDENTIFIED VIA ed25519 USING PASSWORD('another one')");
  const failure = await failureOf(engine.connect(loginTo(server, 'app', password), limits()));
  expect(failure.message).toContain('the authentication method ed25519');
});

test('a host that no account is for is login-not-allowed', async () => {
  const strict = await startMariadb();
  try {
    const root = await strict.superuser();
    await root.query("RENAME USER keyturn_superuser@'%' TO keyturn_superuser@localhost");
    await root.query("DROP USER 'keyturn master'@'%'");
    await root.query('FLUSH PRIVILEGES');
    const failure = await failureOf(engine.connect(loginTo(strict, 'app', password), limits()));
    expect(failure).toMatchObject({ code: 'login-not-allowed', driverCode: 'ER_HOST_NOT_PRIVILEGED' });
    expect(secretsIn(failure, password)).toEqual([]);
    await root.end();
  } finally {
    await strict.stop();
  }
});

test.each([
  ['an account', "CREATE OR REPLACE USER app@'%' IDENTIFIED BY 'first' REQUIRE SSL", '0'],
  ['a server', "CREATE OR REPLACE USER app@'%' IDENTIFIED BY 'first'", '1'],
])(
  '%s that demands TLS refuses a login without it like a wrong password, and the remedy says so',
  async (_title, sql, demand) => {
    await server.execute(sql);
    await server.execute(`SET GLOBAL require_secure_transport = ${demand}`);
    const failure = await failureOf(engine.connect(loginTo(server, 'app', 'first', { tls: false }), limits()));
    await server.execute('SET GLOBAL require_secure_transport = 0');
    expect(failure.code).toBe('login-failed');
    expect(failure.remedy).toContain('REQUIRE SSL');
    const withTls = await failureOf(engine.connect(loginTo(server, 'app', 'wrong'), limits()));
    expect(withTls.remedy).not.toContain('REQUIRE SSL');
  },
);

test('whatever the driver reports, nothing of its text is taken over', () => {
  const secret = 'MARK-of-a-secret';
  const text = fc.constantFrom(secret, `SET PASSWORD = '${secret}'`, `'--read-only ${secret}'`, `--${secret}`, '');
  const error = fc.record({
    message: text,
    sql: text,
    sqlMessage: text,
    stack: text,
    sqlState: fc.constantFrom('HY000', '28000', secret),
    errno: fc.oneof(
      fc.constantFrom(...serverErrors.keys(), 1290),
      fc.integer({ min: -200, max: 5000 }),
      fc.constant(undefined),
    ),
    code: fc.constantFrom(
      'ER_PARSE_ERROR',
      'ECONNRESET',
      'EPROTO',
      'EAI_AGAIN',
      'HANDSHAKE_SSL_ERROR',
      secret,
      undefined,
    ),
    cause: text,
  });
  const activity = fc.constantFrom<Activity>('connect', 'tls', 'login', 'statement');
  fc.assert(
    fc.property(error, activity, fc.boolean(), (report, doing, encrypted) => {
      const where = { endpoint: 'db:3306', user: 'app', encrypted };
      const failure = fromDriver(Object.assign(new Error(report.message), report), doing, where, dialect);
      expect(secretsIn(failure, secret)).toEqual([]);
      expect(failure.cause).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});

test("the control: the driver's own error holds the statement", async () => {
  const root = await server.superuser();
  const report = await root.query("SET PASSWORD 'a new password'").catch((error: unknown) => error);
  await root.end();
  expect(inspect(report)).toContain('a new password');
});

test('a connection shows no password when it is printed', async () => {
  await server.createUser('shown', password);
  const connection = await engine.connect(loginTo(server, 'shown', password), limits());
  expect(inspect(connection, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(password);
  expect(JSON.stringify(connection)).not.toContain(password);
  await engine.close(connection);
});
