import { Password } from '@keyturn/core';
import { makeAuthority, recordError, startWireTap, type WireAction, type WirePoint } from '@keyturn/engine-conformance';
import { outermost, protocol, services, startPostgres } from '@keyturn/service-postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningPostgres } from '../../service/running-postgres.ts';
import { limits, loginTo } from '../../service/test-login.ts';
import { asMaster, clone, compare, pairOf, wholeCatalogue } from '../../service/test-twins.ts';
import { postgres } from '../index.ts';

/** Something of every kind that is moved, in two databases. */
const mess = (app: string) => `
  ALTER ROLE ${app} CONNECTION LIMIT 9; ALTER ROLE ${app} SET search_path = ${app}, public;
  CREATE SCHEMA ${app} AUTHORIZATION ${app}; CREATE TABLE ${app}.t (a int); ALTER TABLE ${app}.t OWNER TO ${app};
  SET ROLE ${app}; GRANT SELECT ON ${app}.t TO ${app}_clone WITH GRANT OPTION; RESET ROLE;
  CREATE TABLE ${app}.own (a int); ALTER TABLE ${app}.own OWNER TO ${app}_clone`;

/** The sweep over all points is long: one server has every difference that counts here. */
const swept = services.at(-1)?.version;

describe.each(outermost)('PostgreSQL $version', ({ version }) => {
  let server: RunningPostgres;
  let count = 0;
  beforeAll(async () => {
    server = await startPostgres(version);
    await server.execute('CREATE DATABASE second');
  });
  afterAll(() => server?.stop());

  const messyUser = async () => {
    count += 1;
    const app = `app${count}`;
    await server.createUser(app, 'first');
    await clone(server, 'administrator', pairOf(app));
    await server.execute(mess(app));
    await inSecond(`CREATE TABLE ${app}_second (a int); ALTER TABLE ${app}_second OWNER TO ${app}_clone`);
    return app;
  };
  const inSecond = (sql: string) =>
    asMasterIn('second', async (connection) => {
      await connection.run(sql);
    });
  const asMasterIn = async (
    database: string,
    use: (connection: { run(sql: string): Promise<unknown> }) => Promise<void>,
  ) => {
    const { username, password } = server.superuser;
    const connection = await postgres().connect(loginTo(server, username, password, { database }), limits());
    await use(connection);
    await connection.close();
  };

  /** Clones through a tap that does this at each point; returns how it ended, and the points. */
  async function cloneThrough(
    app: string,
    onPoint: (point: WirePoint, index: number) => WireAction | Promise<WireAction>,
  ) {
    const authority = makeAuthority('The tap');
    let index = -1;
    const tap = await startWireTap({
      protocol,
      upstream: { host: server.host, port: server.port, ca: server.ca },
      certificate: authority.sign(),
      onPoint: (point) => {
        index += 1;
        return onPoint(point, index);
      },
    });
    const engine = postgres();
    const { username, password } = server.administrator;
    const through = loginTo({ port: tap.port, ca: authority.certificate }, username, password);
    let error: unknown;
    try {
      const connection = await engine.connect(through, limits());
      await engine.admin?.twins?.cloneUser(connection, pairOf(app)).catch((e: unknown) => {
        error = e;
      });
      await engine.close(connection);
    } catch (e) {
      error = e;
    }
    expect(tap.faults).toEqual([]);
    const { points } = tap;
    await tap.close();
    return { error, points };
  }

  test.runIf(version === swept)(
    'a connection that breaks at any point leaves all or nothing, and a repeat completes',
    {
      timeout: 180_000,
    },
    async () => {
      const whole = await messyUser();
      const { error, points } = await cloneThrough(whole, () => 'pass');
      expect(error).toBeUndefined();
      const texts = points.map(({ kind, moment, text = '' }) => `${moment} ${kind} ${text.slice(0, 20)}`);
      // There is something to break: reading, trying, and doing, in two databases.
      expect(texts.filter((text) => text.startsWith('before statement COMMIT'))).toHaveLength(2);
      const outcomes: string[] = [];
      for (let broken = 0; broken < points.length; broken += 1) {
        const app = await messyUser();
        const before = await compare(server, pairOf(app));
        const { error } = await cloneThrough(app, (_point, index) => (index === broken ? 'drop' : 'pass'));
        recordError(error);
        const after = await compare(server, pairOf(app));
        // Either database is as it was, or is done.
        const here = (lines: readonly string[]) => lines.filter((line) => !line.includes('database second'));
        const there = (lines: readonly string[]) => lines.filter((line) => line.includes('database second'));
        for (const part of [here, there]) expect([part(before), []]).toContainEqual(part(after));
        outcomes.push(
          `${error === undefined ? 'ok' : (error as { code: string }).code}: ${after.length === 0 ? 'done' : 'not done'}`,
        );
        await clone(server, 'administrator', pairOf(app));
        expect(await compare(server, pairOf(app))).toEqual([]);
      }
      expect([...new Set(outcomes)].sort()).toEqual(['connection-lost: done', 'connection-lost: not done']);
    },
  );

  test('two masters at once: both end well, or one fails and its repeat succeeds', { timeout: 180_000 }, async () => {
    for (let round = 0; round < 6; round += 1) {
      const app = round % 2 === 0 ? await messyUser() : `fresh${version}_${round}`;
      if (round % 2 === 1) await server.createUser(app, 'first');
      const masters = ['administrator', 'superuser', 'administrator'] as const;
      const results = await Promise.allSettled(masters.map((master) => clone(server, master, pairOf(app))));
      for (const result of results) {
        if (result.status === 'fulfilled') continue;
        recordError(result.reason);
        expect(result.reason).toMatchObject({
          name: 'RotationError',
          code: expect.stringMatching(/^(statement-failed|rights-not-cloneable)$/),
        });
      }
      expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
      await clone(server, 'administrator', pairOf(app));
      expect(await compare(server, pairOf(app))).toEqual([]);
    }
  });

  test('a change that another session holds up ends in bounded time, and nothing has changed', async () => {
    count += 1;
    const app = `app${count}`;
    await server.createUser(app, 'first');
    await clone(server, 'administrator', pairOf(app));
    await server.execute(`ALTER ROLE ${app} CONNECTION LIMIT 9`);
    const before = await wholeCatalogue(server);
    await asMasterIn('app', async (holder) => {
      await holder.run(`BEGIN; ALTER ROLE ${app}_clone CONNECTION LIMIT 4`);
      const controller = new AbortController();
      const { username, password } = server.administrator;
      const engine = postgres();
      const connection = await engine.connect(
        loginTo(server, username, password),
        limits({ signal: controller.signal }),
      );
      const waiting = engine.admin?.twins?.cloneUser(connection, pairOf(app));
      await blocked();
      controller.abort();
      await expect(waiting).rejects.toMatchObject({ code: 'connection-timed-out' });
      await holder.run('ROLLBACK');
    });
    expect(await wholeCatalogue(server)).toEqual(before);
    expect(server.log()).toMatch(
      /BEGIN ISOLATION LEVEL READ COMMITTED.*SET LOCAL statement_timeout = 10000.*SET LOCAL idle_in_transaction_session_timeout = 10000/,
    );
    await clone(server, 'administrator', pairOf(app));
    expect(await compare(server, pairOf(app))).toEqual([]);
  });

  /** Resolves when a session of the engine waits for a lock. */
  async function blocked(): Promise<void> {
    for (;;) {
      const rows = await server.execute(
        "SELECT FROM pg_stat_activity WHERE application_name = 'keyturn' AND wait_event_type = 'Lock'",
      );
      if (rows.length > 0) return;
    }
  }

  test('a user that was cloned has no password before it is given one, and its single-user rotation goes on', async () => {
    count += 1;
    const app = `app${count}`;
    await server.createUser(app, 'first');
    await clone(server, 'administrator', pairOf(app));
    const rows = await server.execute(`SELECT rolpassword FROM pg_authid WHERE rolname = '${app}_clone'`);
    expect(rows).toEqual([{ rolpassword: null }]);
    const engine = postgres();
    await asMaster(
      server,
      'administrator',
      (_twins, connection) =>
        engine.admin?.resetPassword(connection, `${app}_clone`, new Password('second')) ?? Promise.reject(new Error()),
    );
    const connection = await engine.connect(loginTo(server, `${app}_clone`, 'second'), limits());
    await engine.changeOwnPassword(connection, new Password('third'), new Password('second'));
    await engine.close(connection);
    expect(await server.logsIn(`${app}_clone`, 'third')).toBe(true);
  });
});
