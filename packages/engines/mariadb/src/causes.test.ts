import { type ErrorCode, Password } from '@keyturn/core';
import { nativeHash } from '@keyturn/driver-mysql2';
import {
  failureOf,
  freePort,
  limits,
  loginTo,
  makeAuthority,
  markedPassword,
  secretsIn,
} from '@keyturn/engine-conformance';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RunningMariadb, startMariadb } from '../service/index.ts';
import { startSilentServer } from '../service/silent-server.ts';
import { type MariadbConnection, mariadb } from './index.ts';

const engine = mariadb();
const password = markedPassword();
const next = markedPassword();
let server: RunningMariadb;
let withoutTls: RunningMariadb;
const opened: MariadbConnection[] = [];

beforeAll(async () => {
  [server, withoutTls] = await Promise.all([startMariadb(), startMariadb({ tls: false })]);
});
afterEach(async () => {
  for (const connection of opened.splice(0)) await engine.close(connection);
});
afterAll(() => Promise.all([server?.stop(), withoutTls?.stop()]));

const hash = () => nativeHash(new Password(password));
const login = (...change: [Parameters<typeof loginTo>[3]?]) => loginTo(server, 'app', password, ...change);
const connect = async (...change: [Parameters<typeof loginTo>[3]?]) => {
  const connection = await engine.connect(login(...change), limits());
  opened.push(connection);
  return connection;
};
const user = (clause = '', method = `BY PASSWORD '${hash()}'`) =>
  server.execute(`CREATE OR REPLACE USER app@'%' IDENTIFIED ${method} ${clause}`);
const setting = async <T>(change: string, back: string, use: () => Promise<T>): Promise<T> => {
  // One connection for both: where none is left, the server may not have another one for the way back yet.
  const superuser = await server.superuser();
  await superuser.query(`SET GLOBAL ${change}`);
  return use().finally(() => superuser.query(`SET GLOBAL ${back}`).then(() => superuser.end()));
};
const changeOwn = async () => engine.changeOwnPassword(await connect(), new Password(next), new Password(password));
const other = makeAuthority('Keyturn tests');

interface Cause {
  readonly cause: string;
  readonly code: ErrorCode;
  readonly driverCode?: string;
  readonly provoke: () => Promise<unknown>;
}

const withCertificate = async (hosts: readonly string[], expired: boolean) => {
  const hour = 3_600_000;
  const dates = expired ? { notBefore: new Date(Date.now() - 2 * hour), notAfter: new Date(Date.now() - hour) } : {};
  const authority = makeAuthority('Keyturn tests');
  const one = await startMariadb({ certificate: authority.sign({ hosts, ...dates }) });
  const attempt = engine.connect(loginTo({ port: one.port, ca: authority.certificate }, 'app', password), limits());
  return attempt.finally(() => one.stop());
};

const causes: readonly Cause[] = [
  {
    cause: 'a host that has no address',
    code: 'host-not-found',
    provoke: () => connect({ host: 'no-such-host.invalid' }),
  },
  {
    cause: 'a port where nothing listens',
    code: 'connection-refused',
    driverCode: 'ECONNREFUSED',
    provoke: async () => connect({ port: await freePort() }),
  },
  {
    cause: 'a server that does not answer',
    code: 'connection-timed-out',
    async provoke() {
      const silent = await startSilentServer();
      return engine.connect(login({ port: silent.port }), limits(50)).finally(() => silent.close());
    },
  },
  {
    cause: 'a server without TLS',
    code: 'tls-not-offered',
    driverCode: 'HANDSHAKE_NO_SSL_SUPPORT',
    provoke: () => connect({ port: withoutTls.port }),
  },
  {
    cause: 'a certificate of an unknown authority',
    code: 'tls-untrusted',
    driverCode: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    provoke: () => engine.connect(loginTo({ port: server.port, ca: other.certificate }, 'app', password), limits()),
  },
  {
    cause: 'an expired certificate',
    code: 'tls-untrusted',
    driverCode: 'CERT_HAS_EXPIRED',
    provoke: () => withCertificate(['localhost'], true),
  },
  {
    cause: 'a certificate for another host',
    code: 'tls-wrong-host',
    driverCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
    provoke: () => withCertificate(['other.example'], false),
  },
  {
    cause: 'a wrong password',
    code: 'login-failed',
    driverCode: 'ER_ACCESS_DENIED_ERROR',
    async provoke() {
      await user();
      return connect({ password: new Password(next) });
    },
  },
  {
    cause: 'an unknown database, to a user who may see that',
    code: 'unknown-database',
    driverCode: 'ER_BAD_DB_ERROR',
    async provoke() {
      await user();
      await server.execute("GRANT ALL ON *.* TO app@'%'");
      return connect({ database: 'nothing' });
    },
  },
  {
    cause: 'a database that the user has no right in',
    code: 'unknown-database',
    driverCode: 'ER_DBACCESS_DENIED_ERROR',
    async provoke() {
      await user();
      return connect({ database: 'nothing' });
    },
  },
  {
    cause: 'a locked account',
    code: 'account-locked',
    driverCode: 'ER_ACCOUNT_HAS_BEEN_LOCKED',
    async provoke() {
      await user('ACCOUNT LOCK');
      return connect();
    },
  },
  {
    cause: 'an account blocked after too many refused logins',
    code: 'account-locked',
    driverCode: 'ER_USER_IS_BLOCKED',
    async provoke() {
      await user();
      for (let attempt = 1; attempt <= 4; attempt += 1) await server.logsIn('app', 'wrong');
      return connect();
    },
  },
  {
    cause: 'an expired password, where that ends the connection',
    code: 'password-expired',
    driverCode: 'ER_MUST_CHANGE_PASSWORD_LOGIN',
    async provoke() {
      await user('PASSWORD EXPIRE');
      return setting('disconnect_on_expired_password = 1', 'disconnect_on_expired_password = 0', connect);
    },
  },
  {
    cause: 'an expired password, where that stops statements',
    code: 'password-expired',
    driverCode: 'ER_MUST_CHANGE_PASSWORD',
    async provoke() {
      await user('PASSWORD EXPIRE');
      return engine.ping(await connect());
    },
  },
  {
    cause: 'a server that has no connection left',
    code: 'too-many-connections',
    driverCode: 'ER_CON_COUNT_ERROR',
    async provoke() {
      await user();
      // The server's smallest limit.
      return setting('max_connections = 10', 'max_connections = 151', async () => {
        for (let count = 1; count <= 11; count += 1) await connect();
      });
    },
  },
  {
    cause: 'a user who has no connection left',
    code: 'too-many-connections',
    driverCode: 'ER_USER_LIMIT_REACHED',
    async provoke() {
      await user('WITH MAX_USER_CONNECTIONS 1');
      await connect();
      return connect();
    },
  },
  {
    cause: 'a user who has no statement left in this hour',
    code: 'too-many-connections',
    driverCode: 'ER_USER_LIMIT_REACHED',
    async provoke() {
      await user('WITH MAX_QUERIES_PER_HOUR 1');
      const connection = await connect();
      await engine.ping(connection);
      return engine.ping(connection);
    },
  },
  {
    cause: 'an account of a plugin that the driver does not speak',
    code: 'auth-method-unsupported',
    driverCode: 'AUTH_SWITCH_PLUGIN_ERROR',
    async provoke() {
      await user('', "VIA ed25519 USING PASSWORD('another one')");
      return connect();
    },
  },
  {
    cause: 'an account without a password',
    code: 'login-not-allowed',
    driverCode: 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
    async provoke() {
      await user('', 'VIA unix_socket');
      return connect();
    },
  },
  {
    cause: 'a read-only server',
    code: 'read-only-server',
    driverCode: 'ER_OPTION_PREVENTS_STATEMENT',
    async provoke() {
      await user();
      return setting('read_only = 1', 'read_only = 0', changeOwn);
    },
  },
  {
    cause: 'password rules that cannot see the password',
    code: 'password-refused',
    driverCode: 'ER_OPTION_PREVENTS_STATEMENT',
    async provoke() {
      await user();
      await server.execute("INSTALL SONAME 'simple_password_check'");
      return changeOwn().finally(() => server.execute("UNINSTALL SONAME 'simple_password_check'"));
    },
  },
  {
    cause: 'password rules that do not like the password',
    code: 'password-refused',
    driverCode: 'ER_NOT_VALID_PASSWORD',
    async provoke() {
      await user();
      await server.execute("INSTALL SONAME 'simple_password_check'");
      const plaintext = mariadb({ plaintextPassword: true });
      return setting(
        'simple_password_check_minimal_length = 200',
        'simple_password_check_minimal_length = 8',
        async () => plaintext.changeOwnPassword(await connect(), new Password(next), new Password(password)),
      ).finally(() => server.execute("UNINSTALL SONAME 'simple_password_check'"));
    },
  },
  {
    cause: 'a master without the rights for it',
    code: 'missing-privilege',
    driverCode: 'ER_TABLEACCESS_DENIED_ERROR',
    async provoke() {
      await user();
      return engine.admin?.resetPassword(await connect(), 'app', new Password(next));
    },
  },
  {
    cause: 'a session that an administrator kills',
    code: 'connection-lost',
    async provoke() {
      await user();
      const connection = await connect();
      const [row] = await connection.query('SELECT CONNECTION_ID() AS id');
      const lost = failureOf(connection.query('SELECT SLEEP(600)'));
      await server.execute(`KILL CONNECTION ${row?.id}`);
      throw await lost;
    },
  },
  {
    cause: 'a statement that the server does not understand',
    code: 'statement-failed',
    driverCode: 'ER_PARSE_ERROR',
    async provoke() {
      await user();
      return (await connect()).query(`SET PASSWORD '${next}' '${nativeHash(new Password(next))}'`);
    },
  },
];

test.each(causes)('$cause is $code', async ({ code, driverCode, provoke }) => {
  const failure = await failureOf(provoke());
  expect(failure.code).toBe(code);
  expect(failure.user).toBe('app');
  expect(failure.endpoint).toMatch(/^(localhost|no-such-host\.invalid):\d+$/);
  if (driverCode !== undefined) expect(failure.driverCode).toBe(driverCode);
  expect(secretsIn(failure, password, next)).toEqual([]);
});
