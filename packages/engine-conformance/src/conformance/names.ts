import { Password } from '@keyturn/core';
import type { ConformanceWorld, WorldUser } from './conformance-world.ts';
import { attempt, faultsOf } from './failure.ts';
import { type Density, generatedNames, lookalike } from './generated-names.ts';
import type { ScenarioGroup } from './scenario.ts';
import { differences, newTwins, twinSuffix } from './twin-operations.ts';

/** Names for one scenario: each letter makes others, so that every user is made once on the server. */
function namesFor(
  world: ConformanceWorld,
  letter: string,
  density: Density,
): { readonly taken: string[]; readonly refused: string[] } {
  const all = generatedNames(world.engine.secret, twinSuffix, world.seed, { letter, density });
  const isRefused = (name: string) => world.running.refusesUsername?.(name) !== undefined;
  return { taken: all.filter((name) => !isRefused(name)), refused: all.filter(isRefused) };
}

const because = (world: ConformanceWorld, name: string, fault: string) =>
  `${JSON.stringify(name)}: ${fault} (KEYTURN_SEED=${world.seed})`;

/** User names of every kind. */
export const names: ScenarioGroup = {
  name: 'user names of every kind',
  scenarios: [
    {
      name: 'every name logs in, changes its password and has it reset, and no other user is met',
      timeoutMs: 300_000,
      async run(world) {
        const { taken } = namesFor(world, 'a', world.thorough ? 'one a name' : 'three a name');
        if (taken.length < 10) return [`only ${taken.length} names are tried: too few to show anything`];
        const faults: string[] = [];
        const others = new Map<string, WorldUser>();
        for (const name of taken) {
          const found = await attempt(async () => {
            faults.push(...(await rotated(world, name, others)).map((fault) => because(world, name, fault)));
          });
          if (found.failed) faults.push(because(world, name, String(found.error)));
        }
        return faults;
      },
    },
    {
      name: 'every name can have a twin',
      timeoutMs: 300_000,
      async run(world) {
        const { taken } = namesFor(world, 'b', 'three a name');
        const faults: string[] = [];
        for (const [i, name] of taken.entries()) {
          if (world.running.refusesUsername?.(`${name}${twinSuffix}`) !== undefined) continue;
          // Rights of every kind for some: they take time, and are not the matter here.
          const twins = await newTwins(world, { username: name, furnished: i % 8 === 0 });
          const outcome = await attempt(() =>
            world.as(world.administrator, async (connection) => {
              await twins.admin.cloneUser(connection, twins.pair);
              await world.engine.admin?.resetPassword(connection, twins.pair.next, new Password(twins.password));
            }),
          );
          const found = outcome.failed
            ? [`no twin is made: ${String(outcome.error)}`]
            : [
                ...(await differences(world, twins)),
                ...((await world.running.logsIn(twins.pair.next, twins.password)) ? [] : ['the twin does not log in']),
              ];
          faults.push(...found.map((fault) => because(world, name, fault)));
        }
        return faults;
      },
    },
    {
      name: 'a name that no user can have is refused, and meets no other user',
      async run(world) {
        const { refused } = namesFor(world, 'c', 'one a name');
        const { usernameMaxBytes } = world.engine.secret;
        const long = usernameMaxBytes < 1_000 ? ['n'.repeat(usernameMaxBytes + 1)] : [];
        const faults: string[] = [];
        for (const username of [...refused, ...long, 'a\0b', '']) {
          const password = world.newPassword();
          const outcome = await attempt(() => world.as({ username, password }, async () => {}));
          const found = faultsOf('the login', outcome, {
            codes: ['invalid-secret', 'login-failed'],
            secrets: [password],
          });
          faults.push(...found.map((fault) => because(world, username, fault)));
        }
        return faults;
      },
    },
  ],
};

/** A user of this name, and one of a name like it, whom nobody may touch. */
async function rotated(
  world: ConformanceWorld,
  name: string,
  others: Map<string, WorldUser>,
): Promise<readonly string[]> {
  const { engine, running } = world;
  const user = await world.newUser(name);
  const like = lookalike(name);
  const other = like === name ? undefined : (others.get(like) ?? (await world.newUser(like)));
  if (other !== undefined) others.set(like, other);
  const [second, third] = [world.newPassword(), world.newPassword()];
  const faults: string[] = [];
  await world.as(user, (connection) =>
    engine.changeOwnPassword(connection, new Password(second), new Password(user.password)),
  );
  if (!(await running.logsIn(name, second))) faults.push('the new password does not log in');
  const { admin } = engine;
  if (admin !== undefined) {
    await world.as(world.administrator, (connection) => admin.resetPassword(connection, name, new Password(third)));
    if (!(await running.logsIn(name, third))) faults.push('the password that was reset does not log in');
  }
  if (other !== undefined && !(await running.hasPassword(other.username, other.password))) {
    faults.push(`the password of ${other.username} has changed too`);
  }
  return faults;
}
