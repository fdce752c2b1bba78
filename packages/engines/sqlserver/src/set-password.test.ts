import { hasCode, Password, RotationError, withConnection } from '@keyturn/core';
import { recordError, recordOutput, recordSecret } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSqlServer } from '../service/index.ts';
import { lockoutThreshold } from '../service/model/password-policy.ts';
import type { RunningSqlServer } from '../service/running-sqlserver.ts';
import { limits, loginTo } from '../service/test-login.ts';
import { sqlserver } from './index.ts';
import { isHashOf } from './stored-hash.ts';

const engine = sqlserver();
const old = 'Taint-old-"\'\\%~1';
const next = 'Taint-next-"\'\\%~2';
for (const password of [old, next]) recordSecret(password);

describe('SQL Server 2022 (double)', () => {
  let server: RunningSqlServer;
  let user = '';
  let count = 0;
  beforeAll(async () => {
    server = await startSqlServer();
  });
  afterAll(async () => {
    recordOutput(server?.log() ?? '');
    await server?.stop();
  });
  beforeEach(async () => {
    count += 1;
    user = `o'brien]${count}`;
    await server.createUser(user, old);
  });

  const own = (password = next, login = loginTo(server, user, old)) =>
    withConnection(engine, login, limits(), (connection) =>
      engine.changeOwnPassword(connection, new Password(password), login.password),
    );
  const reset = (
    username = user,
    password = next,
    master: { username: string; password: string } = server.administrator,
  ) =>
    withConnection(engine, loginTo(server, master.username, master.password), limits(), async (connection) => {
      await engine.admin?.resetPassword(connection, username, new Password(password));
    });
  const lastChange = () => server.parts.batches.findLast(({ sql }) => sql.startsWith('ALTER LOGIN'))?.sql;
  async function failureOf(work: Promise<unknown>): Promise<RotationError> {
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    recordError(error);
    if (!(error instanceof RotationError)) throw new Error(`no RotationError: ${String(error)}`);
    return error;
  }

  test('the user proves the password that logged in', async () => {
    await own();
    expect(await server.hasPassword(user, next)).toBe(true);
    const sent = server.parts.batches.filter(({ sql }) => sql.includes('PASSWORD')).at(-1)?.sql;
    expect(sent).toMatch(/^ALTER LOGIN \[o'brien\]\]\d+\] WITH PASSWORD = N'.*' OLD_PASSWORD = N'.*'$/);
  });

  test('a password is sent in a batch of its own, which the traces of the server mask', async () => {
    await own();
    await reset(user, old);
    const withPassword = server.parts.batches.filter(({ sql }) => sql.includes('Taint-'));
    for (const { sql } of withPassword)
      expect(sql).toMatch(
        /^ALTER LOGIN \[(?:[^\]]|\]\])*\] WITH PASSWORD = N'(?:[^']|'')*'(?: OLD_PASSWORD = N'(?:[^']|'')*')?$/,
      );
    expect(withPassword.length).toBeGreaterThan(1);
    expect(server.log()).not.toContain('Taint-');
  });

  test('a user who has it already is left alone, whatever the policy says of its history', async () => {
    const stored = server.login(user).passwordHash;
    await own(old);
    expect(server.login(user).passwordHash).toBe(stored);
  });

  test('a password that the policy refuses is refused, and the old one stays', async () => {
    for (const [password, number] of [
      ['short1A', '15116'],
      ['only-lowercase', '15118'],
      [`Aa1-${user}`, '15118'],
    ] as const) {
      const error = await failureOf(own(password));
      expect(error).toMatchObject({ code: 'password-refused', driverCode: number });
      expect(await server.hasPassword(user, old)).toBe(true);
    }
  });

  test('reset again, a password that the history has is taken for done where the master may look, and refused where not', async () => {
    await reset();
    server.login(user).history.push(server.login(user).passwordHash ?? '');
    await reset(user, next, server.superuser);
    const error = await failureOf(reset());
    expect(error).toMatchObject({ code: 'password-refused', driverCode: '15115' });
  });

  test('another password in the history is refused, also where the master may look', async () => {
    await reset();
    server.login(user).history.push(server.login(user).passwordHash ?? '');
    await reset(user, 'Taint-third-password-3');
    const error = await failureOf(reset(user, next, server.superuser));
    expect(error.code).toBe('password-refused');
    expect(await server.hasPassword(user, 'Taint-third-password-3')).toBe(true);
  });

  test('a login that is locked out is unlocked with its new password, and no other one gets the word', async () => {
    server.login(user).badPasswords = lockoutThreshold;
    expect(hasCode(await failureOf(own()), 'account-locked')).toBe(true);
    await reset();
    expect(await server.logsIn(user, next)).toBe(true);
    expect(lastChange()).toMatch(/ UNLOCK$/);
    await reset(user, old);
    expect(lastChange()).not.toMatch(/UNLOCK/);
  });

  test('a member of sysadmin is out of reach for a master with ALTER ANY LOGIN alone, and the remedy says so', async () => {
    await server.execute(`ALTER SERVER ROLE sysadmin ADD MEMBER [${user.replaceAll(']', ']]')}]`);
    const error = await failureOf(reset());
    expect(error).toMatchObject({ code: 'missing-privilege', driverCode: '15151' });
    expect(error.remedy).toContain('CONTROL SERVER');
    await reset(user, next, server.superuser);
    expect(await server.hasPassword(user, next)).toBe(true);
  });

  test('a master without ALTER ANY LOGIN sees no login, and learns what it lacks', async () => {
    await server.createUser('plain master', old);
    const error = await failureOf(reset(user, next, { username: 'plain master', password: old }));
    expect(error.code).toBe('missing-privilege');
    expect(error.remedy).toContain('GRANT ALTER ANY LOGIN');
  });

  test('a user that there is not is told from one that may not be seen', async () => {
    const error = await failureOf(reset('nobody at all'));
    expect(error.code).toBe('invalid-secret');
    expect(error.details.message).toContain('the database "app" contains no such user');
  });

  test('a name in another case is the same user, under the name that the server has', async () => {
    await reset(user.toUpperCase());
    expect(lastChange()).toContain(`[${user.replaceAll(']', ']]')}]`);
    expect(await server.hasPassword(user, next)).toBe(true);
  });

  test('a database that takes no writes is told before anything is tried: a replica would change for itself alone', async () => {
    server.inDatabase('app').readOnly = true;
    const error = await failureOf(own());
    server.inDatabase('app').readOnly = false;
    expect(error.code).toBe('read-only-server');
    expect(await server.hasPassword(user, old)).toBe(true);
  });

  test('the stored hash of this server is told from that of another password, and an unknown version from both', () => {
    const hash = server.login(user).passwordHash ?? '';
    expect(isHashOf(hash, new Password(old))).toBe(true);
    expect(isHashOf(hash, new Password(next))).toBe(false);
    expect(isHashOf(hash.replace('0x0200', '0x0300'), new Password(old))).toBe(false);
  });
});
