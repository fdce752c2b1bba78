import { Password } from '@keyturn/core';
import fc from 'fast-check';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { account } from '../../service/accounts.ts';
import { type RunningMariadb, startMariadb } from '../../service/index.ts';
import { makeChange, objects, oracleObjects, rightsChanges } from '../../service/random-rights.ts';
import { pairOf, testTwins, twinAdmin } from '../../service/test-twins.ts';

let server: RunningMariadb;
let superuser: Connection;
const twins = testTwins(() => server);

beforeAll(async () => {
  server = await startMariadb();
  superuser = await server.superuser();
  await superuser.query(
    "SET SESSION sql_mode = 'NO_AUTO_CREATE_USER', SESSION sql_log_off = 1, SESSION slow_query_log = 0",
  );
  for (const statement of objects) await superuser.query(statement);
  await superuser.query("SET SESSION sql_mode = 'ORACLE'");
  for (const statement of oracleObjects) await superuser.query(statement);
  await superuser.query("SET SESSION sql_mode = 'NO_AUTO_CREATE_USER'");
  const master = account(server.administrator.username, '%');
  await superuser.query(`GRANT ALL ON *.* TO ${master} WITH GRANT OPTION`);
  await superuser.query(`GRANT r_one TO ${master} WITH ADMIN OPTION`);
  await superuser.query(`GRANT r_two TO ${master} WITH ADMIN OPTION`);
  await superuser.query(`GRANT \`r\`\` TO \`\`three\` TO ${master} WITH ADMIN OPTION`);
  for (const user of ['keyturn_superuser', server.administrator.username]) {
    await superuser.query("INSERT INTO mysql.proxies_priv VALUES ('%', ?, '', '', 1, '', NOW())", [user]);
  }
  await superuser.query('FLUSH PRIVILEGES');
});
afterAll(async () => {
  await superuser?.end();
  await server?.stop();
});

/** A deep search sets its own. */
const deep = fc.readConfigureGlobal();
const seed = deep.seed ?? Math.trunc(Math.random() * 2 ** 31);
const timeout = deep.numRuns === undefined ? 120_000 : 1_800_000;

const histories = fc.array(fc.array(rightsChanges, { maxLength: 8 }), { minLength: 2, maxLength: 4 });

test(
  'after each of many rotations both users may do the same, whatever was given and taken in between',
  async () => {
    let count = 0;
    let effective = 0;
    console.info(`seed ${seed}`);
    await twins.asMaster(async (master) => {
      await fc.assert(
        fc.asyncProperty(histories, async (history) => {
          count += 1;
          // Names that would break a statement, were they not quoted.
          const plain = count % 2 === 0;
          const users = plain
            ? ([`app\` TO ${count}`, `app' TO ${count}_clone`] as const)
            : ([`äpp ${count}`, `äpp ${count}_clone`] as const);
          await superuser.query(`CREATE USER ${account(users[0], '%')} IDENTIFIED BY 'first'`);
          await superuser.query(`GRANT SELECT ON app.* TO ${account(users[0], '%')}`);
          for (const [turn, changes] of history.entries()) {
            const [current, next] = turn % 2 === 0 ? users : [users[1], users[0]];
            for (const change of changes) effective += Number(await makeChange(superuser, current, change));
            const before = await server.rightsOf?.(current);
            const pair = pairOf({
              base: users[0],
              twin: users[1],
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
          for (const user of users) await dropAll(user);
        }),
        { seed, numRuns: deep.numRuns ?? 200 },
      );
    });
    // The control: the histories do change rights.
    expect(effective).toBeGreaterThan(500);
  },
  timeout,
);

test('control: without a clone after it, the same reading tells a right, a role, a setting and an attribute', async () => {
  const [base, twin] = ['control', 'control_clone'] as const;
  const [name, other] = [account(base, '%'), account(twin, '%')];
  await superuser.query(`CREATE USER ${name} IDENTIFIED BY 'first'`);
  await superuser.query(`GRANT r_two TO ${name}`);
  await twins.clone({ base, twin, current: base, next: twin, isKnown: () => Promise.resolve(false) });
  const both = async () => [await server.rightsOf?.(base), await server.rightsOf?.(twin)];
  for (const [given, taken] of [
    [`GRANT SELECT (a) ON app.t TO ${name}`, `REVOKE SELECT (a) ON app.t FROM ${name}`],
    [`REVOKE r_two FROM ${name}`, `GRANT r_two TO ${name}`],
    [`GRANT r_two TO ${other} WITH ADMIN OPTION`, `REVOKE ADMIN OPTION FOR r_two FROM ${other}`],
    [`SET DEFAULT ROLE r_two FOR ${name}`, `SET DEFAULT ROLE NONE FOR ${name}`],
    [`ALTER USER ${other} WITH MAX_USER_CONNECTIONS 3`, `ALTER USER ${other} WITH MAX_USER_CONNECTIONS 0`],
    [`ALTER USER ${name} REQUIRE SSL`, `ALTER USER ${name} REQUIRE NONE`],
    [`GRANT PROXY ON 'nobody'@'%' TO ${other}`, `REVOKE PROXY ON 'nobody'@'%' FROM ${other}`],
  ] as const) {
    await superuser.query(given);
    const [one, two] = await both();
    expect(one, given).not.toEqual(two);
    await superuser.query(taken);
    const [same, again] = await both();
    expect(same, taken).toEqual(again);
  }
  for (const user of [base, twin]) await dropAll(user);
});

async function dropAll(user: string): Promise<void> {
  const [rows] = await superuser.query('SELECT Host FROM mysql.global_priv WHERE BINARY User = ?', [user]);
  for (const { Host } of rows as { Host: string }[]) await superuser.query(`DROP USER ${account(user, Host)}`);
}
