import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSqlServer } from '../../service/index.ts';
import { histories, makeChange, makeRoles } from '../../service/random-rights.ts';
import type { RunningSqlServer } from '../../service/running-sqlserver.ts';
import { asMaster, pairOf } from '../../service/test-twins.ts';

/** A deep search sets its own. */
const deep = fc.readConfigureGlobal();
const numRuns = deep.numRuns ?? 200;

describe('SQL Server 2022 (double)', () => {
  let server: RunningSqlServer;
  let count = 0;
  beforeAll(async () => {
    server = await startSqlServer();
    await makeRoles(server);
  });
  afterAll(() => server?.stop());

  /** The master is sa: what anybody has given to the idle user, it can take. */
  test(`after any history the two may do the same (${numRuns} histories)`, { timeout: 600_000 }, async () => {
    const seed = deep.seed ?? Math.trunc(Math.random() * 2 ** 31);
    console.info(`SQL Server: seed ${seed}`);
    let changed = 0;
    await asMaster(
      server,
      async (twins, connection) => {
        await fc.assert(
          fc.asyncProperty(histories, async (rotations) => {
            count += 1;
            const base = `history_${count}`;
            const twin = `${base}_clone`;
            await server.createUser(base, 'Any-password-1');
            let inUse = base;
            let hasTwin = false;
            for (const { changes, swaps } of rotations) {
              const idle = inUse === base ? twin : base;
              for (const change of changes) {
                if (change.toIdle && !hasTwin) continue;
                if (await makeChange(server, change.toIdle ? idle : inUse, change)) changed += 1;
              }
              const pair = pairOf(base, { current: inUse });
              const before = await server.rightsOf(inUse);
              await twins.cloneUser(connection, pair);
              hasTwin = true;
              expect(await twins.comparePrivileges(connection, pair)).toEqual([]);
              expect(await server.rightsOf(inUse)).toEqual(before);
              expect(await server.rightsOf(idle)).toEqual(before);
              // Once more changes nothing.
              expect(await twins.cloneUser(connection, pair)).toEqual({ created: false, given: [], taken: [] });
              if (swaps) inUse = idle;
            }
          }),
          { seed, numRuns, endOnFailure: false },
        );
      },
      { master: server.superuser },
    );
    expect(changed).toBeGreaterThan(numRuns * 3);
  });

  test('control: without a clone after them, the comparison and the independent reading tell each kind of change', async () => {
    const base = 'history_control';
    await server.createUser(base, 'Any-password-1');
    const pair = pairOf(base);
    await asMaster(
      server,
      async (twins, connection) => {
        await twins.cloneUser(connection, pair);
        for (const [given, taken] of [
          ['GRANT VIEW SERVER STATE TO [history_control]', 'REVOKE VIEW SERVER STATE FROM [history_control]'],
          ['ALTER LOGIN [history_control] DISABLE', 'ALTER LOGIN [history_control] ENABLE'],
          [
            'ALTER SERVER ROLE auditors ADD MEMBER [history_control]',
            'ALTER SERVER ROLE auditors DROP MEMBER [history_control]',
          ],
          [
            'USE [app]; DENY UPDATE ON OBJECT::sales.orders (note) TO [history_control_clone]',
            'USE [app]; REVOKE UPDATE ON OBJECT::sales.orders (note) FROM [history_control_clone]',
          ],
          [
            'USE [app]; ALTER ROLE readers ADD MEMBER [history_control_clone]',
            'USE [app]; ALTER ROLE readers DROP MEMBER [history_control_clone]',
          ],
          [
            'USE [archive]; CREATE USER [history_control_clone] FOR LOGIN [history_control_clone]',
            'USE [archive]; DROP USER [history_control_clone]',
          ],
        ] as const) {
          await server.execute(given);
          expect(await twins.comparePrivileges(connection, pair)).toHaveLength(1);
          expect(await server.rightsOf(base)).not.toEqual(await server.rightsOf(pair.twin));
          await server.execute(taken);
          expect(await twins.comparePrivileges(connection, pair)).toEqual([]);
        }
      },
      { master: server.superuser },
    );
  });
});
