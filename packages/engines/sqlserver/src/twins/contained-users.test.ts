import { hasCode, Password, withConnection } from '@keyturn/core';
import { recordError } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSqlServer } from '../../service/index.ts';
import type { RunningSqlServer } from '../../service/running-sqlserver.ts';
import { limits, loginTo } from '../../service/test-login.ts';
import { clone, compare, pairOf, wholeState } from '../../service/test-twins.ts';
import { sqlserver } from '../index.ts';

describe('SQL Server 2022 (double)', () => {
  let server: RunningSqlServer;
  let master: { readonly username: string; readonly password: string; readonly database: string };
  beforeAll(async () => {
    server = await startSqlServer();
    master = { ...server.administrator, database: 'contained' };
  });
  afterAll(() => server?.stop());

  test('a contained user gets a twin in its database, equal in every rotation, whichever of the two is in use', async () => {
    await server.createContainedUser('tenant', 'Any-password-1');
    await server.furnish('tenant');
    const pair = pairOf('tenant');
    expect((await clone(server, pair, { master })).created).toBe(true);
    expect(await server.rightsOf('tenant_clone')).toEqual(await server.rightsOf('tenant'));
    expect((await server.rightsOf('tenant')).length).toBeGreaterThan(10);
    await server.furnish('tenant_clone');
    const back = pairOf('tenant', { current: 'tenant_clone' });
    expect(await compare(server, back, { master })).not.toEqual([]);
    await clone(server, back, { master });
    expect(await server.rightsOf('tenant')).toEqual(await server.rightsOf('tenant_clone'));
    expect(await compare(server, back, { master })).toEqual([]);
  });

  test('its language is its own, and is cloned with the rest', async () => {
    await server.createContainedUser('speaker', 'Any-password-1');
    const pair = pairOf('speaker');
    await clone(server, pair, { master });
    await server.execute('USE [contained]; ALTER USER [speaker] WITH DEFAULT_LANGUAGE = Deutsch');
    expect(await compare(server, pair, { master })).toEqual([
      'speaker_clone has DEFAULT_LANGUAGE none, speaker has Deutsch in the database contained',
    ]);
    await clone(server, pair, { master });
    await server.execute('USE [contained]; ALTER USER [speaker] WITH DEFAULT_LANGUAGE = NONE');
    await clone(server, pair, { master });
    expect(await compare(server, pair, { master })).toEqual([]);
  });

  test('the login of the same name, if there is one, is left alone', async () => {
    await server.createUser('double', 'The-login-of-it-1');
    await server.createContainedUser('double', 'The-user-of-it-1');
    const engine = sqlserver();
    const login = loginTo(server, 'double', 'The-user-of-it-1', { database: 'contained' });
    await withConnection(engine, login, limits(), (connection) =>
      engine.changeOwnPassword(connection, new Password('The-new-one-of-it-2'), login.password),
    );
    expect(await server.logsIn('double', 'The-new-one-of-it-2', 'contained')).toBe(true);
    expect(await server.logsIn('double', 'The-login-of-it-1', 'app')).toBe(true);
    const asMaster = loginTo(server, master.username, master.password, { database: 'contained' });
    await withConnection(engine, asMaster, limits(), async (connection) => {
      await engine.admin?.resetPassword(connection, 'double', new Password('The-third-one-of-it-3'));
    });
    expect(await server.logsIn('double', 'The-third-one-of-it-3', 'contained')).toBe(true);
    expect(await server.logsIn('double', 'The-login-of-it-1', 'app')).toBe(true);
  });

  test('a contained user of the twin’s name that nobody knows is refused, and so is a database that takes no writes', async () => {
    await server.createContainedUser('lone', 'Any-password-1');
    await server.createContainedUser('lone_clone', 'Any-password-1');
    const before = wholeState(server);
    const taken: unknown = await clone(server, pairOf('lone'), { master }).catch((thrown: unknown) => thrown);
    expect(hasCode(taken, 'twin-name-taken')).toBe(true);
    expect(wholeState(server)).toBe(before);
    server.inDatabase('contained').readOnly = true;
    const engine = sqlserver();
    const login = loginTo(server, 'lone', 'Any-password-1', { database: 'contained' });
    const refused: unknown = await withConnection(engine, login, limits(), (connection) =>
      engine.changeOwnPassword(connection, new Password('Another-password-2'), login.password),
    ).catch((thrown: unknown) => thrown);
    server.inDatabase('contained').readOnly = false;
    recordError(refused);
    expect(hasCode(refused, 'read-only-server')).toBe(true);
  });

  test('a master in another database does not find it, and says where to look', async () => {
    await server.createContainedUser('elsewhere', 'Any-password-1');
    const error: unknown = await clone(server, pairOf('elsewhere')).catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'invalid-secret')).toBe(true);
    expect(String(error)).toContain('put its database into dbname of the master secret');
  });
});
