import { outermost, startPostgres } from '@keyturn/service-postgres';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Change, dropWorld, histories, makeWorld, type World, worldOf } from '../../service/random-rights.ts';
import { cataloguedRole, dumpallReads, dumpedRoles, type ReadRole } from '../../service/read-roles.ts';
import type { RunningPostgres } from '../../service/running-postgres.ts';
import { asMaster, openClient, pairOf } from '../../service/test-twins.ts';

/** A deep search sets its own. */
const deep = fc.readConfigureGlobal();

/** Histories on each server. */
const runs = (version: string) => deep.numRuns ?? (version === '18' ? 200 : 25);

/** What those refuse who may not do it, or would go round in a circle. */
const refusals = ['42501', '0LP01'];

describe.each(outermost)('PostgreSQL $version', ({ version }) => {
  let server: RunningPostgres;
  let superuser: pg.Client;
  let number: number;
  let count = 0;
  beforeAll(async () => {
    server = await startPostgres(version, { settings: { log_statement: 'none', log_min_error_statement: 'panic' } });
    superuser = await openClient(server, server.superuser.username, server.superuser.password);
    const { rows } = await superuser.query("SELECT current_setting('server_version_num')::int AS number");
    number = rows[0].number;
  });
  afterAll(async () => {
    await superuser?.end();
    await server?.stop();
  });

  async function apply(world: World, { sql, mayFail }: Change): Promise<void> {
    try {
      await superuser.query(sql(world, number));
    } catch (error) {
      await superuser.query('RESET ROLE');
      if (mayFail !== true || !refusals.includes((error as { code: string }).code)) throw error;
    }
  }

  test(`after any history the two may do the same, and nobody has lost anything (${runs(version)} histories)`, {
    timeout: deep.numRuns === undefined ? 300_000 : 1_800_000,
  }, async () => {
    const seed = deep.seed ?? Math.trunc(Math.random() * 2 ** 31);
    console.info(`PostgreSQL ${version}: seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(histories, async ({ master, rotations }) => {
        count += 1;
        const world = worldOf(count, server[master].username);
        await superuser.query(makeWorld(world, server.administrator.username));
        await asMaster(server, master, async (twins, connection) => {
          let hasTwin = false;
          for (const { changes, twinIsCurrent } of rotations) {
            for (const change of changes) if (hasTwin || !change.ofTwin) await apply(world, change);
            const pair = pairOf(world.base, { current: hasTwin && twinIsCurrent ? world.twin : world.base });
            const before = await held(superuser, world);
            await twins.cloneUser(connection, pair);
            hasTwin = true;
            expect(await twins.comparePrivileges(connection, pair)).toEqual([]);
            expect(await held(superuser, world)).toEqual(before);
            expect(await ofItsOwn(superuser, world)).toEqual([]);
            await expectEqual(world, (role) => cataloguedRole(superuser, role));
            // Once more changes nothing.
            expect(await twins.cloneUser(connection, pair)).toEqual({ created: false, given: [], taken: [] });
          }
        });
        if (Number(version) <= dumpallReads) {
          const read = await dumpedRoles(server);
          expect(read(world.base).lines.length).toBeGreaterThan(0);
          await expectEqual(world, async (role) => read(role));
        }
        await superuser.query(dropWorld(world));
      }),
      { seed, numRuns: runs(version), endOnFailure: false },
    );
  });

  test('control: without a clone after them, the same readings tell a setting, a group and a grant to the twin', async () => {
    count += 1;
    const world = worldOf(count, server.administrator.username);
    const [base, twin, group] = [world.base, world.twin, world.groups[0]].map(pg.escapeIdentifier);
    await superuser.query(makeWorld(world, server.administrator.username));
    await asMaster(server, 'superuser', (twins, connection) => twins.cloneUser(connection, pairOf(world.base)));
    const equal = () => expectEqual(world, (role) => cataloguedRole(superuser, role));
    await equal();
    for (const [given, taken] of [
      [`ALTER ROLE ${base} SET work_mem = '4MB'`, `ALTER ROLE ${base} RESET work_mem`],
      [`ALTER ROLE ${base} CREATEDB`, `ALTER ROLE ${base} NOCREATEDB`],
      [`GRANT ${group} TO ${twin}`, `REVOKE ${group} FROM ${twin}`],
    ] as const) {
      await superuser.query(given);
      await expect(equal()).rejects.toThrow('expected');
      await superuser.query(taken);
      await equal();
    }
    const before = await held(superuser, world);
    await superuser.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${pg.escapeIdentifier(world.schema)} TO ${twin}`);
    expect(await held(superuser, world)).not.toEqual(before);
    expect(await ofItsOwn(superuser, world)).not.toEqual([]);
    await superuser.query(dropWorld(world));
  });
});

/** The twin differs by acting as the base, and by being a member of it, and by nothing else. */
async function expectEqual(world: World, read: (role: string) => Promise<ReadRole>): Promise<void> {
  const [base, twin] = [await read(world.base), await read(world.twin)];
  const actsAsBase = twin.lines.filter(
    (line) => line.includes('role') && line.includes(world.base.slice(4)) && /role(=| TO )/.test(line),
  );
  expect(actsAsBase).toHaveLength(1);
  expect(twin.lines.filter((line) => !actsAsBase.includes(line))).toEqual(base.lines);
  expect(twin.groups.map((group) => group.replaceAll('""', '"').replace(/^"(.*)"$/, '$1'))).toEqual([world.base]);
}

/**
 * Who holds what on the history's objects, and who is in its groups: with the base in the twin's place, this is the same
 * before and after.
 */
async function held(superuser: pg.Client, world: World): Promise<readonly string[]> {
  const role = (oid: string) =>
    `CASE ${oid} WHEN 0 THEN 'PUBLIC' WHEN to_regrole($2)::oid THEN $3 ELSE pg_get_userbyid(${oid})::text END`;
  const { rows } = await superuser.query<{ line: string }>(
    `WITH all_items AS (
      SELECT c.oid::regclass::text AS object, c.relowner AS owner, c.relacl AS acl FROM pg_class AS c WHERE c.relnamespace = to_regnamespace($1)
      UNION ALL SELECT a.attrelid::regclass || '.' || a.attname, c.relowner, a.attacl FROM pg_attribute AS a
        JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relnamespace = to_regnamespace($1) AND a.attacl IS NOT NULL
      UNION ALL SELECT oid::regprocedure::text, proowner, proacl FROM pg_proc WHERE pronamespace = to_regnamespace($1)
      UNION ALL SELECT oid::regtype::text, typowner, typacl FROM pg_type WHERE typnamespace = to_regnamespace($1)
      UNION ALL SELECT 'schema', nspowner, nspacl FROM pg_namespace WHERE oid = to_regnamespace($1)
    ), items AS (
      SELECT object, ${role('owner')} AS owner, ${role('x.grantor')} AS grantor, ${role('x.grantee')} AS grantee,
        x.privilege_type AS privilege, x.is_grantable AS grantable FROM all_items, aclexplode(acl) AS x
    )
    SELECT DISTINCT line FROM (
      SELECT format('%s: %s may %s', object, grantee, privilege) AS line FROM items WHERE grantee <> owner AND grantor <> grantee
      UNION ALL SELECT format('%s: %s may grant %s', object, grantee, privilege) FROM items WHERE grantee <> owner AND grantable
      UNION ALL SELECT format('%s belongs to %s', object, ${role('owner')}) FROM all_items
      UNION ALL SELECT format('%s is in %s%s', ${role('m.member')}, pg_get_userbyid(m.roleid), CASE WHEN m.admin_option THEN ' as administrator' END)
        FROM pg_auth_members AS m WHERE pg_get_userbyid(m.roleid) = ANY ($4)
      UNION ALL SELECT format('policy %s for %s', p.polname, ${role('r')}) FROM pg_policy AS p, unnest(p.polroles) AS r
        WHERE p.polrelid IN (SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace($1))
    ) AS l ORDER BY line`,
    [pg.escapeIdentifier(world.schema), pg.escapeIdentifier(world.twin), world.base, world.groups],
  );
  const lines = rows.map(({ line }) => line);
  // Whoever administers a group is in it.
  return lines.filter((line) => !lines.includes(`${line} as administrator`));
}

/** What the server's catalogue of dependencies says that the twin has, but for its membership. */
async function ofItsOwn(superuser: pg.Client, world: World): Promise<readonly unknown[]> {
  const { rows } = await superuser.query(
    'SELECT classid::regclass::text, deptype FROM pg_shdepend WHERE refobjid = to_regrole($1) AND refclassid = 1260',
    [pg.escapeIdentifier(world.twin)],
  );
  return rows;
}
