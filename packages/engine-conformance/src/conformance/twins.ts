import { Password } from '@keyturn/core';
import type { ConformanceWorld } from './conformance-world.ts';
import { attempt, faultsOf } from './failure.ts';
import { present, type ScenarioGroup } from './scenario.ts';
import { compared, differences, newTwins, type Twins, twinSuffix } from './twin-operations.ts';

/** Makes the two equal, as the administrator. */
const align = (world: ConformanceWorld, { admin, pair }: Twins) =>
  world.as(world.administrator, (connection) => admin.cloneUser(connection, pair));

const giveItsPassword = (world: ConformanceWorld, { pair, password }: Twins) =>
  world.as(world.administrator, async (connection) =>
    world.engine.admin?.resetPassword(connection, pair.next, new Password(password)),
  );

/** The same two, the other way round: the twin is in use now. */
function turned(world: ConformanceWorld, { pair, ...twins }: Twins): Twins {
  const password = world.newPassword();
  const { current: next, next: current } = pair;
  return { ...twins, password, pair: { ...pair, current, next, password: new Password(password) } };
}

/** Two users that take turns. */
export const twins: ScenarioGroup = {
  name: 'twins',
  scenarios: [
    {
      name: 'a twin is made, may do the same, and logs in once it has its password',
      async run(world) {
        const made = await newTwins(world);
        const { user, pair, password, rightsOf } = made;
        const before = await rightsOf(user.username);
        const report = await align(world, made);
        const faults = await differences(world, made);
        if (!report.created) faults.push('the report does not say that the user was made');
        const now = await rightsOf(user.username);
        faults.push(...before.filter((right) => !now.includes(right)).map((right) => `the user in use lost: ${right}`));
        await giveItsPassword(world, made);
        if (!(await world.running.logsIn(pair.next, password))) faults.push('the twin does not log in');
        if (!(await world.running.logsIn(user.username, user.password))) faults.push('the base logs in no more');
        return [...faults, ...(await differences(world, made))];
      },
    },
    {
      name: 'made again, it is as it was, and the report says that nothing was done',
      async run(world) {
        const made = await newTwins(world);
        await align(world, made);
        const { created, given, taken } = await align(world, made);
        return [
          ...(await differences(world, made)),
          ...(created ? ['the report says that the user was made'] : []),
          ...given.map((right) => `the second time gave ${right}`),
          ...taken.map((right) => `the second time took ${right}`),
        ];
      },
    },
    {
      name: 'it gets what the user in use has got since, and loses what that one has lost, turn after turn',
      async run(world) {
        const furnish = present(
          world.running.furnish,
          'the service has no furnish: nobody can give rights of every kind',
        ).bind(world.running);
        let made = await newTwins(world);
        await align(world, made);
        await giveItsPassword(world, made);
        const faults: string[] = [];
        for (const turn of [1, 2, 3]) {
          made = turned(world, made);
          await furnish(made.pair.current);
          if ((await differences(world, made)).length === 0) faults.push(`turn ${turn}: furnish changed nothing`);
          else if ((await compared(world, made)).length === 0) faults.push(`turn ${turn}: the comparison sees nothing`);
          await align(world, made);
          faults.push(...(await differences(world, made)).map((line) => `turn ${turn}: ${line}`));
          await giveItsPassword(world, made);
          if (!(await world.running.logsIn(made.pair.next, made.password))) faults.push(`turn ${turn}: no login`);
        }
        return faults;
      },
    },
    {
      name: "a user of the twin's name that is somebody else's is refused, and left as it is",
      async run(world) {
        present(world.running.furnish, 'the service has no furnish: both users would have the same rights');
        const made = await newTwins(world);
        const stranger = await world.newUser(`${made.user.username}${twinSuffix}`);
        const before = await made.rightsOf(stranger.username);
        const pair = { ...made.pair, isKnown: async () => false };
        const outcome = await attempt(() => align(world, { ...made, pair }));
        const faults = faultsOf('the clone', outcome, {
          codes: ['twin-name-taken'],
          secrets: [stranger.password, made.password],
        });
        const after = await made.rightsOf(stranger.username);
        if (before.join('\n') !== after.join('\n')) faults.push('the rights of the other user have changed');
        if (!(await world.running.hasPassword(stranger.username, stranger.password))) {
          faults.push('the password of the other user has changed');
        }
        return faults;
      },
    },
  ],
};
