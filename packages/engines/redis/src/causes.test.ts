import { type ErrorCode, type Login, Password } from '@keyturn/core';
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
import { hashOf } from '../service/hash-of.ts';
import { type RunningRedis, startRedis } from '../service/index.ts';
import { startScriptedServer, welcome } from '../service/scripted-server.ts';
import { startSilentServer } from '../service/silent-server.ts';
import { type RedisConnection, redis } from './index.ts';

const engine = redis();
const password = markedPassword();
const next = markedPassword();
const opened: RedisConnection[] = [];
let server: RunningRedis;
let withoutTls: RunningRedis;

beforeAll(async () => {
  [server, withoutTls] = await Promise.all([startRedis(), startRedis({ tls: false })]);
});
afterEach(async () => {
  for (const connection of opened.splice(0)) await engine.close(connection);
});
afterAll(() => Promise.all([server?.stop(), withoutTls?.stop()]));

const login = (change?: Partial<Login>) => loginTo(server, 'app', password, change);
const open = async (to: Login) => {
  const connection = await engine.connect(to, limits());
  opened.push(connection);
  return connection;
};
const connect = (change?: Partial<Login>) => open(login(change));
/** On a server that answers the first command after the login so. */
const answering = async (answer: string) => {
  const scripted = await startScriptedServer(...welcome, answer);
  const connection = await open(login({ port: scripted.port, tls: false }));
  return engine
    .changeOwnPassword(connection, new Password(next), new Password(password))
    .finally(() => scripted.close());
};
const user = async (...rules: readonly string[]) => {
  await server.command('ACL', 'DELUSER', 'app');
  await server.command('ACL', 'SETUSER', 'app', 'on', `#${hashOf(password)}`, ...rules);
};
const master = () => {
  const { username, password: secret } = server.administrator;
  return open(loginTo(server, username, secret));
};
const change = async () =>
  engine.overlap.addPassword(await connect(), 'app', new Password(next), new Password(password));
const withCertificate = async (hosts: readonly string[], hoursToLive: number) => {
  const hour = 3_600_000;
  const dates = { notBefore: new Date(Date.now() - 2 * hour), notAfter: new Date(Date.now() + hoursToLive * hour) };
  const authority = makeAuthority('Keyturn tests');
  const one = await startRedis({ certificate: authority.sign({ hosts, ...dates }) });
  return open(loginTo({ port: one.port, ca: authority.certificate }, 'app', password)).finally(() => one.stop());
};

interface Cause {
  readonly cause: string;
  readonly code: ErrorCode;
  readonly driverCode?: string;
  readonly remedy?: RegExp;
  /** @default app */
  readonly user?: string;
  readonly provoke: () => Promise<unknown>;
}

const onTheWay: readonly Cause[] = [
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
    cause: 'a port that cannot be',
    code: 'invalid-secret',
    driverCode: 'ERR_SOCKET_BAD_PORT',
    provoke: () => connect({ port: 70_000 }),
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
    provoke: () => connect({ port: withoutTls.port }),
  },
  {
    cause: 'a server with TLS only, where the secret says none',
    code: 'tls-required',
    provoke: () => connect({ tls: false }),
  },
  {
    cause: 'a certificate of an unknown authority',
    code: 'tls-untrusted',
    driverCode: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    provoke: () => open(loginTo({ port: server.port, ca: makeAuthority('Other').certificate }, 'app', password)),
  },
  {
    cause: 'an expired certificate',
    code: 'tls-untrusted',
    driverCode: 'CERT_HAS_EXPIRED',
    provoke: () => withCertificate(['localhost'], -1),
  },
  {
    cause: 'a certificate for another host',
    code: 'tls-wrong-host',
    driverCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
    provoke: () => withCertificate(['other.example'], 1),
  },
  {
    cause: 'a server with old TLS versions only',
    code: 'tls-failed',
    async provoke() {
      const old = await startRedis({ settings: { 'tls-protocols': 'TLSv1.1' } });
      return open(loginTo(old, 'app', password)).finally(() => old.stop());
    },
  },
  {
    cause: 'a server with TLS that has no connection left',
    code: 'connection-lost',
    remedy: /maxclients/,
    async provoke() {
      const full = await startRedis({ settings: { maxclients: '1' } });
      return open(loginTo(full, 'app', password)).finally(() => full.stop());
    },
  },
  {
    cause: 'a server that has no connection left',
    code: 'too-many-connections',
    async provoke() {
      const full = await startRedis({ tls: false, settings: { maxclients: '1' } });
      return open(loginTo(full, 'app', password, { tls: false })).finally(() => full.stop());
    },
  },
];

const logins: readonly Cause[] = [
  {
    cause: 'a wrong password',
    code: 'login-failed',
    driverCode: 'WRONGPASS',
    async provoke() {
      await user();
      return connect({ password: new Password(next) });
    },
  },
  {
    cause: 'a user that there is not',
    code: 'login-failed',
    driverCode: 'WRONGPASS',
    async provoke() {
      await server.command('ACL', 'DELUSER', 'app');
      return connect();
    },
  },
  {
    cause: 'a user that is off',
    code: 'login-failed',
    driverCode: 'WRONGPASS',
    remedy: /the user is on/,
    async provoke() {
      await user('off');
      return connect();
    },
  },
  {
    cause: 'a default user that takes any password',
    code: 'auth-method-unsupported',
    user: 'default',
    async provoke() {
      await server.command('ACL', 'SETUSER', 'default', 'on', 'nopass');
      return connect({ username: 'default' }).finally(() =>
        server.command('ACL', 'SETUSER', 'default', 'off', 'resetpass'),
      );
    },
  },
];

const commands: readonly Cause[] = [
  {
    cause: 'a user that takes any password',
    code: 'auth-method-unsupported',
    async provoke() {
      await user('nopass', '+acl|getuser', '+acl|setuser', '+acl|save');
      return change();
    },
  },
  {
    cause: 'a user that is off, to a master',
    code: 'account-locked',
    async provoke() {
      await user('off');
      return engine.admin.resetPassword(await master(), 'app', new Password(next));
    },
  },
  {
    cause: 'a user that there is not, to a master',
    code: 'invalid-secret',
    async provoke() {
      await server.command('ACL', 'DELUSER', 'app');
      return engine.admin.resetPassword(await master(), 'app', new Password(next));
    },
  },
  ...(['getuser', 'save', 'setuser'] as const).map((right) => ({
    cause: `a user without the right to ACL ${right.toUpperCase()}`,
    code: 'missing-privilege' as const,
    driverCode: 'NOPERM',
    remedy: new RegExp(`ACL SETUSER "app" \\+acl\\|${right}`),
    async provoke() {
      await user('+acl|getuser', '+acl|setuser', '+acl|save', `-acl|${right}`);
      return change();
    },
  })),
  {
    cause: 'a replica without its primary',
    code: 'server-not-ready',
    driverCode: 'MASTERDOWN',
    async provoke() {
      await user('+ping');
      const connection = await connect();
      await server.command('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
      await server.command('REPLICAOF', '127.0.0.1', '1');
      return engine.ping(connection).finally(() => server.command('REPLICAOF', 'NO', 'ONE'));
    },
  },
  {
    cause: 'a server that is busy with a script',
    code: 'server-not-ready',
    driverCode: 'BUSY',
    async provoke() {
      await user('+acl|getuser');
      const connection = await connect();
      await server.command('CONFIG', 'SET', 'busy-reply-threshold', '1');
      const script = server.command('EVAL', 'while true do end', '0').catch(() => {});
      while (!(await server.command('PING').then(String, String)).includes('BUSY'));
      return engine.changeOwnPassword(connection, new Password(next), new Password(password)).finally(async () => {
        await server.command('SCRIPT', 'KILL');
        await script;
      });
    },
  },
  {
    cause: 'a user that is dropped while it is logged in',
    code: 'connection-lost',
    async provoke() {
      await user('+acl|getuser');
      const connection = await connect();
      await server.command('ACL', 'DELUSER', 'app');
      return engine.changeOwnPassword(connection, new Password(next), new Password(password));
    },
  },
];

test.each([...onTheWay, ...logins, ...commands])('$cause is $code', async (expected) => {
  const failure = await failureOf(expected.provoke());
  expect(failure.code).toBe(expected.code);
  expect(failure.user).toBe(expected.user ?? 'app');
  expect(failure.endpoint).toMatch(/^(localhost|no-such-host\.invalid):\d+$/);
  if (expected.driverCode !== undefined) expect(failure.driverCode).toBe(expected.driverCode);
  if (expected.remedy !== undefined) expect(failure.remedy).toMatch(expected.remedy);
  expect(secretsIn(failure, password, next)).toEqual([]);
});

const answers: readonly (readonly [cause: string, code: ErrorCode, answer: string, remedy?: RegExp])[] = [
  ['a server that does not know ACL', 'statement-failed', "-ERR unknown command 'ACL', with args", /ElastiCache/],
  ['a server that is loading its data', 'server-not-ready', '-LOADING Redis is loading the dataset in memory'],
  ['a server that takes no writes', 'read-only-server', "-READONLY You can't write against a read only replica."],
  ['an error of an unknown kind', 'statement-failed', `-${next.toUpperCase()} ${password}`],
  ['an answer of an unknown form', 'statement-failed', '*2\r\n$4\r\nname\r\n$3\r\napp'],
];

test.each<readonly [string, ErrorCode, string]>([
  ['a server in protected mode', 'login-not-allowed', '-DENIED Redis is running in protected mode\r\n'],
  ['what speaks another protocol', 'connection-refused', 'HTTP/1.1 400 Bad\r\n\r\n'],
])('%s is %s', async (_cause, code, answer) => {
  const scripted = await startScriptedServer(answer);
  const attempt = open(login({ port: scripted.port, tls: false })).finally(() => scripted.close());
  expect(await failureOf(attempt)).toMatchObject({ code, user: 'app' });
});

test.each(answers)('%s is %s', async (_cause, code, answer, remedy = /./) => {
  const failure = await failureOf(answering(`${answer}\r\n`));
  expect(failure).toMatchObject({ code, user: 'app' });
  expect(failure.remedy).toMatch(remedy);
  expect(secretsIn(failure, password, next, next.toUpperCase())).toEqual([]);
});
