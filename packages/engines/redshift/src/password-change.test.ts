import { Password, withConnection } from '@keyturn/core';
import { recordError, recordSecret } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedshift } from '../service/index.ts';
import type { RunningRedshift } from '../service/running-redshift.ts';
import { limits, loginTo, secretsIn, verifierPattern } from '../service/test-login.ts';
import { type RedshiftOptions, redshift } from './index.ts';

const [first, second] = ['Taint-First-1', 'Taint-Second-2'];
let server: RunningRedshift;
beforeAll(async () => {
  for (const secret of [first, second]) recordSecret(secret);
  server = await startRedshift();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  await server.below('DROP ROLE IF EXISTS app');
  await server.createUser('app', first);
});

const change = (options: RedshiftOptions = {}) => {
  const engine = redshift(options);
  return withConnection(engine, loginTo(server, 'app', first), limits(), (connection) =>
    engine.changeOwnPassword(connection, new Password(second), new Password(first)),
  );
};
const reset = (options: RedshiftOptions = {}, master = server.administrator, user = 'app') => {
  const engine = redshift(options);
  const login = loginTo(server, master.username, master.password);
  return withConnection(engine, login, limits(), async (connection) => {
    await engine.admin?.resetPassword(connection, user, new Password(second));
  });
};
const kept = async () => (await server.userOf('app'))?.digest;
const makeSha256 = () => server.execute(`ALTER USER app PASSWORD 'sha256|${first}'`);

describe('a password', () => {
  test.each([
    ['by the user', change],
    ['by an administrator', () => reset()],
  ])('changed %s logs in, and the old one does not', async (_name, act) => {
    await act();
    expect(await server.logsIn('app', second)).toBe(true);
    expect(await server.logsIn('app', first)).toBe(false);
    // Once more is as well.
    await reset();
    expect(await server.logsIn('app', second)).toBe(true);
  });

  test('of SHA-256 logs in by the digest of Redshift, and stays one', async () => {
    await makeSha256();
    await change();
    expect(await kept()).toMatch(/^sha256\|/);
    expect(await server.logsIn('app', second)).toBe(true);
    expect(await server.logsIn('app', first)).toBe(false);
  });

  test('of MD5 stays one, for clients that speak nothing else', async () => {
    await change();
    expect(await kept()).toMatch(/^md5/);
  });

  test.each(['md5', 'sha256'] as const)('becomes %s where the option says so', async (passwordDigest) => {
    await makeSha256();
    await change({ passwordDigest });
    expect((await kept())?.startsWith(passwordDigest)).toBe(true);
    await reset({ passwordDigest });
    expect((await kept())?.startsWith(passwordDigest)).toBe(true);
    expect(await server.logsIn('app', second)).toBe(true);
  });

  test('never leaves this process: the server hears a digest', async () => {
    const before = server.linesHeard;
    await change();
    await reset();
    await reset({ passwordDigest: 'sha256' });
    const heard = server.heardSince(before);
    expect(heard).toMatch(/ALTER USER "app" PASSWORD 'md5[0-9a-f]{32}'/);
    expect(heard).toMatch(/ALTER USER "app" PASSWORD 'sha256\|/);
    expect(secretsIn(heard, [first, second])).toEqual([]);
    // Control: a password in clear text is found there.
    const { username, password } = server.administrator;
    const engine = redshift();
    await withConnection(engine, loginTo(server, username, password), limits(), (connection) =>
      connection.run(`ALTER USER app PASSWORD '${first.replace('1', '7')}'`),
    );
    expect(secretsIn(server.heardSince(before), [first.replace('1', '7')])).toHaveLength(1);
  });
});

describe('is refused', () => {
  const failure = async (work: Promise<unknown>) => {
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    recordError(error);
    expect(String(error)).not.toMatch(verifierPattern);
    return error;
  };

  test('to an administrator without the right: the error says how to give it', async () => {
    await server.createUser('plain', first);
    const error = await failure(reset({}, { username: 'plain', password: first }));
    expect(error).toMatchObject({ code: 'missing-privilege', driverCode: '42501', user: 'plain' });
    expect(error).toMatchObject({ remedy: expect.stringContaining('GRANT ROLE sys:secadmin TO "plain"') });
    await server.execute('GRANT ROLE sys:secadmin TO plain');
    await reset({}, { username: 'plain', password: first });
    expect(await server.logsIn('app', second)).toBe(true);
  });

  test('of a superuser to who is none', async () => {
    await server.createUser('operator', first);
    await server.execute('GRANT ROLE sys:secadmin TO operator; ALTER USER app CREATEUSER');
    const error = await failure(reset({}, { username: 'operator', password: first }));
    expect(error).toMatchObject({ code: 'missing-privilege', remedy: expect.stringContaining('is a superuser') });
    expect(await server.logsIn('app', first)).toBe(true);
  });

  test('of a user that there is not', async () => {
    expect(await failure(reset({}, server.administrator, 'nobody'))).toMatchObject({ code: 'statement-failed' });
  });

  test('a setting of the user that writes names in capitals makes no difference', async () => {
    await server.execute('ALTER USER app SET describe_field_name_in_uppercase TO true');
    await change();
    expect(await server.logsIn('app', second)).toBe(true);
  });
});
