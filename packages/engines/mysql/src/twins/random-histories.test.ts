import { Password } from '@keyturn/core';
import type { RunningService } from '@keyturn/engine-conformance';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostsOf, type RunStatements } from '../../service/accounts.ts';
import { objectKey } from '../../service/double/account.ts';
import { startDouble, startOldServer } from '../../service/index.ts';
import { account } from '../../service/quoting.ts';
import { makeChange, namesOfObjects, objects, rightsChanges } from '../../service/random-rights.ts';
import { pairOf, testTwins, twinAdmin } from '../../service/test-twins.ts';

/** A deep search sets its own. */
const deep = fc.readConfigureGlobal();
const seed = deep.seed ?? Math.trunc(Math.random() * 2 ** 31);
const timeout = deep.numRuns === undefined ? 240_000 : 1_800_000;

/** A double with what the histories are about, and a master that may do everything. */
async function double(): Promise<RunningService> {
  const server = await startDouble('8.0.42');
  const { objects: kept } = server.model;
  const { databases, tables, columns, routines } = namesOfObjects;
  for (const name of databases) kept.databases.add(name);
  for (const [database, table] of tables) kept.tables.set(objectKey(database, table), new Set(['id', ...columns]));
  for (const [kind, database, name] of routines) kept.routines.add(objectKey(kind, database, name));
  for (const statement of objects({ modern: true })) {
    if (statement.startsWith('CREATE ROLE')) await server.execute(statement);
  }
  const master = account(server.administrator.username, '%');
  await server.execute(`GRANT ALL ON *.* TO ${master} WITH GRANT OPTION`);
  await server.execute(
    `GRANT BACKUP_ADMIN, CONNECTION_ADMIN, SESSION_VARIABLES_ADMIN, ROLE_ADMIN, SYSTEM_USER ON *.* TO ${master} WITH GRANT OPTION`,
  );
  await server.execute(`GRANT PROXY ON ''@'' TO ${master} WITH GRANT OPTION`);
  return server;
}

/** The real 5.6, prepared in the same way. */
async function old(): Promise<RunningService> {
  const server = await startOldServer();
  for (const statement of objects({ modern: false })) await server.execute(statement);
  const { username } = server.administrator;
  await server.execute(`GRANT ALL ON *.* TO ${account(username, '%')} WITH GRANT OPTION`);
  for (const lender of [username, 'keyturn_super']) {
    await server.execute(
      `REPLACE INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant) VALUES ('%', '${lender}', '', '', 1)`,
    );
  }
  await server.execute('FLUSH PRIVILEGES');
  return server;
}

const servers = [
  { name: 'a real 5.6', modern: false, tls: false, partialRevokes: false, start: old, runs: 100 },
  { name: 'a double of 8.0', modern: true, tls: true, partialRevokes: false, start: double, runs: 100 },
  {
    name: 'a double of 8.0 with partial revokes',
    modern: true,
    tls: true,
    partialRevokes: true,
    start: double,
    runs: 100,
  },
];

describe.each(servers)('on $name', ({ modern, tls, partialRevokes, start, runs }) => {
  let server: RunningService;
  const twins = testTwins(() => server, tls);
  beforeAll(async () => {
    server = await start();
    if (partialRevokes) await server.execute('SET GLOBAL partial_revokes = ON');
  });
  afterAll(() => server?.stop());

  const histories = fc.array(fc.array(rightsChanges({ modern }), { maxLength: 8 }), { minLength: 2, maxLength: 4 });

  test(
    'after each of many rotations both users may do the same, whatever was given and taken in between',
    async () => {
      const run: RunStatements = async (...statements) => {
        let rows: Record<string, unknown>[] = [];
        for (const statement of statements) rows = await server.execute(statement);
        return rows;
      };
      let count = 0;
      let effective = 0;
      console.info(`seed ${seed}`);
      await twins.asMaster(async (master) => {
        await fc.assert(
          fc.asyncProperty(histories, async (history) => {
            count += 1;
            // Names that would break a statement, were they not quoted.
            const users = count % 2 === 0 ? [`a\` TO ${count}`, `a' TO ${count}_c`] : [`äp ${count}`, `äp ${count}_c`];
            const [base = '', twin = ''] = users;
            await run(
              `CREATE USER ${account(base, '%')} IDENTIFIED ${modern ? 'WITH mysql_native_password ' : ''}BY 'first'`,
              `GRANT SELECT ON app.* TO ${account(base, '%')}`,
            );
            for (const [turn, changes] of history.entries()) {
              const [current, next] = turn % 2 === 0 ? [base, twin] : [twin, base];
              for (const change of changes) effective += Number(await makeChange(run, current, change));
              const before = await server.rightsOf?.(current);
              const pair = pairOf({
                base,
                twin,
                current,
                next,
                password: new Password(`turn ${turn}`),
                isKnown: () => Promise.resolve(turn > 0),
              });
              await twinAdmin().cloneUser(master, pair);
              expect(await twinAdmin().comparePrivileges(master, pair)).toEqual([]);
              expect(await server.rightsOf?.(next)).toEqual(before);
              expect(await server.rightsOf?.(current)).toEqual(before);
            }
            for (const user of users) {
              for (const host of await hostsOf(run, user)) await run(`DROP USER ${account(user, host)}`);
            }
          }),
          { seed, numRuns: deep.numRuns ?? runs },
        );
      });
      // The control: the histories do change rights.
      expect(effective).toBeGreaterThan(runs * 3);
    },
    timeout,
  );
});
