import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorCode, Password, remedies } from '@keyturn/core';
import { failureOf, freePort, limits, makeAuthority, markedPassword, secretsIn } from '@keyturn/engine-conformance';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Fault } from '../service/double/member.ts';
import { Refusal } from '../service/double/refusal.ts';
import { dialects, type RunningMongodb, startMongodb } from '../service/index.ts';
import { loginTo } from '../service/test-logins.ts';
import { type MongodbOptions, mongodb } from './index.ts';
import { causeOfRefusal, serverErrors } from './server-errors.ts';

const [password, next] = [markedPassword(), markedPassword()];
let server: RunningMongodb;
let withoutTls: RunningMongodb;
let documentdb: RunningMongodb;

beforeAll(async () => {
  [server, withoutTls, documentdb] = await Promise.all([
    startMongodb(dialects.mongodb8),
    startMongodb(dialects.mongodb8, { tls: false }),
    startMongodb(dialects.documentdb5),
  ]);
});
afterAll(() => Promise.all([server?.stop(), withoutTls?.stop(), documentdb?.stop()]));

beforeEach(() => Promise.all([server, withoutTls, documentdb].map((one) => one.createUser('app', password))));
afterEach(async () => {
  for (const { double } of [server, withoutTls, documentdb]) {
    await double.run('admin', { dropUser: 'app' });
    double.meddle(() => undefined);
  }
});

const login = (change: Parameters<typeof loginTo>[3] = {}, to = server) => loginTo(to, 'app', password, change);
const connect = async (change: Parameters<typeof loginTo>[3] = {}, to = server) => {
  const engine = mongodb();
  await engine.close(await engine.connect(login(change, to), limits()));
};

async function changeOwn(to = server, options: MongodbOptions = {}): Promise<void> {
  const engine = mongodb(options);
  const connection = await engine.connect(login({}, to), limits());
  const change = engine.changeOwnPassword(connection, new Password(next), new Password(password));
  await change.finally(() => engine.close(connection));
}

async function reset(by: { readonly username: string; readonly password: string }, user: string, options = {}) {
  const engine = mongodb(options);
  const connection = await engine.connect(loginTo(server, by.username, by.password), limits());
  await engine.admin.resetPassword(connection, user, new Password(next)).finally(() => engine.close(connection));
}

const answering = (command: string, fault: Fault, moment: 'before' | 'after' = 'before') => {
  server.double.once(command, moment, fault);
};

interface Cause {
  readonly cause: string;
  readonly code: ErrorCode;
  readonly driverCode?: string;
  readonly remedy?: RegExp;
  readonly provoke: () => Promise<unknown>;
}

const causes: readonly Cause[] = [
  {
    cause: 'a port where nothing listens',
    code: 'connection-refused',
    driverCode: 'ECONNREFUSED',
    provoke: async () => connect({ port: await freePort() }),
  },
  {
    cause: 'a server without TLS',
    code: 'tls-not-offered',
    provoke: () => connect({}, withoutTls),
  },
  {
    cause: 'a server with TLS that is spoken to in the clear',
    code: 'tls-required',
    provoke: () => connect({ tls: false }),
  },
  {
    cause: 'an authority that is not trusted',
    code: 'tls-untrusted',
    provoke: () => connect({ tls: loginTo({ port: 1, ca: makeAuthority('Other').certificate }, '', '').tls }),
  },
  {
    cause: 'a wrong password',
    code: 'login-failed',
    driverCode: 'AuthenticationFailed',
    provoke: () => connect({ password: new Password(next) }),
  },
  {
    cause: 'a user of another database',
    code: 'login-failed',
    driverCode: 'AuthenticationFailed',
    remedy: /dbname is the database in which the user was created/,
    provoke: () => connect({ database: 'app' }),
  },
  {
    cause: 'a user that may not log in from here',
    code: 'login-failed',
    driverCode: 'AuthenticationFailed',
    remedy: /authenticationRestrictions/,
    async provoke() {
      const authenticationRestrictions = [{ clientSource: ['192.0.2.1'] }];
      await server.double.run('admin', { updateUser: 'app', authenticationRestrictions });
      return connect();
    },
  },
  {
    cause: 'a server that offers no SCRAM',
    code: 'auth-method-unsupported',
    driverCode: 'MechanismUnavailable',
    async provoke() {
      answering('saslContinue', new Refusal(334, 'MechanismUnavailable', password));
      return connect();
    },
  },
  {
    cause: 'a login that is refused for a reason that nobody knows',
    code: 'login-not-allowed',
    driverCode: 'code 4711',
    async provoke() {
      answering('saslContinue', new Refusal(4711, next, password));
      return connect();
    },
  },
  {
    cause: 'a user that may not change its password',
    code: 'missing-privilege',
    driverCode: 'Unauthorized',
    remedy:
      /createRole: "changeOwnPassword".*grantRolesToUser\("app", \[\{ role: "changeOwnPassword", db: "admin" \}\]\)/,
    async provoke() {
      await server.double.run('admin', { updateUser: 'app', roles: [] });
      return changeOwn();
    },
  },
  {
    cause: 'a master that may see users, and not set their passwords',
    code: 'missing-privilege',
    driverCode: 'Unauthorized',
    remedy: /grantRolesToUser\("viewer", \[\{ role: "userAdmin", db: "admin" \}\]\)/,
    async provoke() {
      const { double } = server;
      const privileges = [{ resource: { db: 'admin', collection: '' }, actions: ['viewUser'] }];
      await double.run('admin', { createRole: 'viewer', privileges, roles: [] });
      await double.run('admin', { createUser: 'viewer', pwd: 'viewer', roles: ['viewer'] });
      try {
        return await reset({ username: 'viewer', password: 'viewer' }, 'app', { userDatabase: 'admin' });
      } finally {
        await double.run('admin', { dropUser: 'viewer' });
        await double.run('admin', { dropRole: 'viewer' });
      }
    },
  },
  {
    cause: 'the reset of a user that there is not',
    code: 'invalid-secret',
    provoke: () => reset(server.administrator, 'nobody'),
  },
  {
    cause: 'the reset of a user that is dropped meanwhile',
    code: 'invalid-secret',
    driverCode: 'UserNotFound',
    async provoke() {
      answering('updateUser', new Refusal(11, 'UserNotFound', 'app'));
      return reset(server.administrator, 'app');
    },
  },
  {
    cause: 'a password that the server does not take',
    code: 'password-refused',
    driverCode: 'BadValue',
    async provoke() {
      answering('updateUser', new Refusal(2, 'BadValue', `the password ${next} is weak`));
      return changeOwn();
    },
  },
  {
    cause: 'a mechanism of the user that was turned off',
    code: 'auth-method-unsupported',
    driverCode: 'BadValue',
    async provoke() {
      answering('updateUser', new Refusal(2, 'BadValue', 'SCRAM-SHA-1 not supported in authMechanisms'));
      return changeOwn();
    },
  },
  {
    cause: 'an answer that nobody knows',
    code: 'statement-failed',
    driverCode: 'code 4711',
    async provoke() {
      answering('updateUser', new Refusal(4711, next, `${password} ${next}`));
      return changeOwn();
    },
  },
  {
    cause: 'a server that dies before the change',
    code: 'connection-lost',
    driverCode: 'ECONNRESET',
    async provoke() {
      answering('updateUser', 'drop');
      return changeOwn();
    },
  },
  {
    cause: 'a server that dies after the change',
    code: 'connection-lost',
    driverCode: 'ECONNRESET',
    async provoke() {
      answering('updateUser', 'drop', 'after');
      return changeOwn();
    },
  },
  {
    cause: 'Amazon DocumentDB without the option for it',
    code: 'statement-failed',
    driverCode: 'FeatureNotSupported',
    remedy: /server: 'documentdb'/,
    provoke: () => changeOwn(documentdb),
  },
];

test.each(causes)('$cause: $code', async ({ code, driverCode, remedy, provoke }) => {
  const failure = await failureOf(provoke());
  expect(failure.code).toBe(code);
  if (driverCode !== undefined) expect(failure.driverCode).toBe(driverCode);
  if (remedy !== undefined) expect(failure.remedy).toMatch(remedy);
  expect(failure.user).toBeDefined();
  expect(failure.endpoint).toMatch(/^localhost:\d+$/);
  expect(secretsIn(failure, password, next)).toEqual([]);
});

test('the control: with nothing in the way all of it works', async () => {
  await connect();
  await connect({ tls: false }, withoutTls);
  await changeOwn();
  await reset(server.administrator, 'app');
  await changeOwn(documentdb, { server: 'documentdb' });
  expect(server.double.hasPassword('admin', 'app', next)).toBe(true);
});

test('a connection shows nothing of its password, however it is printed', async () => {
  const engine = mongodb();
  const connection = await engine.connect(login(), limits());
  expect(secretsIn(connection, password)).toEqual([]);
  await engine.close(connection);
});

test('the server’s log shows neither password', async () => {
  await changeOwn();
  expect(server.log()).toContain('"updateUser":"app"');
  expect([password, next].filter((secret) => server.log().includes(secret))).toEqual([]);
});

test('the table of errors in the README is the one in the code', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const rows = readme
    .slice(readme.indexOf('### What the server answers'))
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, 5),
    );
  const lines = [...serverErrors].map(([number, { name, code, remedy }]) => [
    String(number),
    name,
    `\`${code}\``,
    remedy ?? remedies[code],
  ]);
  expect(rows).toEqual(lines);
});

test('the code of every answer is that of the table, in a login as in a command', () => {
  for (const [code, { name, code: expected }] of serverErrors) {
    for (const activity of ['login', 'statement'] as const) {
      expect(causeOfRefusal({ code }, activity)).toMatchObject({ code: expected, driverCode: name });
    }
  }
});
