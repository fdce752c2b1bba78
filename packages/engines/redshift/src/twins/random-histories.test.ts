import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedshift } from '../../service/index.ts';
import { changes, routines, things } from '../../service/random-rights.ts';
import type { RunningRedshift } from '../../service/running-redshift.ts';
import { asMaster, pairOf } from '../../service/test-twins.ts';

/** A deep search sets its own. */
const deep = fc.readConfigureGlobal();
const seed = deep.seed ?? Math.trunc(Math.random() * 2 ** 31);
const timeout = deep.numRuns === undefined ? 240_000 : 1_800_000;

const base = `Ap"p's`;
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

let server: RunningRedshift;
beforeAll(async () => {
  server = await startRedshift();
  await server.createUser(base, 'First-password-1');
  await server.execute(things.join('; '));
  await server.below(routines.join('; '));
});
afterAll(() => server?.stop());

test('after each rotation the two may do the same, whatever has been given and taken since the last', {
  timeout,
}, async () => {
  console.log(`random histories, seed ${seed}`);
  let current = base;
  let rotations = 0;
  await asMaster(server, (twins, connection) =>
    fc.assert(
      fc.asyncProperty(changes, async (history) => {
        const pair = pairOf(base, { current, isKnown: async () => rotations > 0 });
        const statements = history
          .filter(({ of }) => rotations > 0 || of === 'current')
          .map(({ of, sql }) => sql(quoted(pair[of])));
        await server.execute(['SET enable_case_sensitive_identifier TO true', ...statements].join('; '));
        const before = await server.rightsOf(pair.current);
        const report = await twins.cloneUser(connection, pair);
        expect(report.created).toBe(rotations === 0);
        expect(await twins.comparePrivileges(connection, pair)).toEqual([]);
        const after = await server.rightsOf(pair.current);
        // The mark is the one thing that the user in use gets.
        expect(after.filter((line) => !line.includes('keyturn_'))).toEqual(
          before.filter((line) => !line.includes('keyturn_')),
        );
        expect(await server.rightsOf(pair.next)).toEqual(after);
        current = pair.next;
        rotations += 1;
      }),
      { seed, numRuns: deep.numRuns ?? 200, endOnFailure: true },
    ),
  );
  expect(rotations).toBe(deep.numRuns ?? 200);
});

test('control: without a rotation, the same readings tell a grant, a group, a role and a setting', async () => {
  await server.createUser('lone', 'First-password-1');
  await server.createUser('lone_clone', 'First-password-1');
  const pair = pairOf('lone', { isKnown: async () => true });
  const read = async () => [
    await server.rightsOf('lone'),
    await asMaster(server, (twins, connection) => twins.comparePrivileges(connection, pair)),
  ];
  const [equal, none] = await read();
  expect(equal).toEqual(await server.rightsOf('lone_clone'));
  expect(none).toEqual([]);
  for (const [given, taken, told] of [
    ['GRANT SELECT ON plain.orders TO lone', 'REVOKE SELECT ON plain.orders FROM lone', 'SELECT ON TABLE plain.orders'],
    ['GRANT DROP ON plain.orders TO lone', 'REVOKE DROP ON plain.orders FROM lone', 'DROP ON TABLE plain.orders'],
    [
      'ALTER GROUP plain_group ADD USER lone',
      'ALTER GROUP plain_group DROP USER lone',
      'membership in group plain_group',
    ],
    ['GRANT ROLE plain_role TO lone', 'REVOKE ROLE plain_role FROM lone', 'ROLE plain_role'],
    ["ALTER USER lone SET query_group TO 'x'", 'ALTER USER lone RESET query_group', "the setting query_group = 'x'"],
  ] as const) {
    await server.execute(given);
    const [rights, differences] = await read();
    expect(rights).not.toEqual(equal);
    expect(differences).toEqual([`lone_clone lacks ${told}`]);
    await server.execute(taken);
    expect(await read()).toEqual([equal, []]);
  }
});
