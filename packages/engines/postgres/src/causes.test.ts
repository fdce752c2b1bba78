import { hasCode, Password, withConnection } from '@keyturn/core';
import { outermost, startPostgres } from '@keyturn/service-postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cause, causes, current, other } from '../service/causes.ts';
import type { RunningPostgres } from '../service/running-postgres.ts';
import { everythingIn, limits, loginTo, secretsIn, verifierPattern } from '../service/test-login.ts';
import { postgres } from './index.ts';

describe.each(outermost)('PostgreSQL $version', ({ version }) => {
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres(version, { settings: { shared_preload_libraries: 'passwordcheck' } });
    await server.execute('CREATE DATABASE private');
    await server.execute('REVOKE CONNECT ON DATABASE private FROM PUBLIC');
  });
  afterAll(() => server?.stop());

  async function errorOf(
    cause: Cause,
  ): Promise<{ readonly error: unknown; readonly endpoint: string; readonly user: string }> {
    await server.execute('DROP ROLE IF EXISTS app; DROP ROLE IF EXISTS other');
    await server.createUser('app', current);
    if (cause.given !== undefined) await server.execute(cause.given);
    const more = typeof cause.login === 'function' ? await cause.login() : cause.login;
    const login = { ...loginTo(server, 'app', current), ...more };
    const engine = postgres(cause.options);
    const next = new Password(cause.next ?? other);
    const error: unknown = await withConnection(engine, login, limits(), async (connection) => {
      if (cause.act === 'change') await engine.changeOwnPassword(connection, next, login.password);
      if (cause.act === 'reset') await engine.admin?.resetPassword(connection, 'other', next);
    }).catch((thrown: unknown) => thrown);
    return { error, endpoint: `${login.host}:${login.port}`, user: login.username };
  }

  const known = causes.filter(({ since = 0 }) => Number(version) >= since);

  test.each(known)('$name: $code', async (cause) => {
    const { error, endpoint, user } = await errorOf(cause);
    expect(hasCode(error, cause.code), everythingIn(error)).toBe(true);
    if (!hasCode(error, cause.code)) return;
    if (cause.beforeAnythingIsSent !== true)
      expect({ endpoint: error.endpoint, user: error.user }).toEqual({ endpoint, user });
    if (cause.driverCode === undefined) expect(error.driverCode).toBeUndefined();
    else expect(error.driverCode).toMatch(cause.driverCode);
    if (cause.remedy !== undefined) expect(error.remedy).toMatch(cause.remedy);
    const printed = everythingIn(error);
    expect(
      secretsIn(
        printed,
        [current, other, cause.next ?? other].filter((secret) => secret !== user),
      ),
    ).toEqual([]);
    expect(printed).not.toMatch(verifierPattern);
    expect(printed).not.toMatch(/ALTER ROLE .* PASSWORD/);
    // The message stays one line, whatever the names hold.
    expect(error.message).not.toContain('\n');
  });

  test('after a refused change the server has the old password', async () => {
    for (const cause of known.filter(({ code }) => code === 'password-refused')) {
      await errorOf(cause);
      expect(await server.hasPassword('app', current)).toBe(true);
    }
  });

  test("control: the search finds a password in the driver's own error", async () => {
    const { username, password } = server.administrator;
    const client = new pg.Client({
      host: server.host,
      port: server.port,
      user: username,
      password,
      database: 'app',
      ssl: { ca: server.ca },
    });
    await client.connect();
    const error: unknown = await client
      .query(`ALTER ROLE app PASSWORD '' "${other.replaceAll('"', '""')}"`)
      .catch((thrown: unknown) => thrown);
    await client.end();
    expect(secretsIn(everythingIn(error), [other])).toEqual([other]);
  });
});
