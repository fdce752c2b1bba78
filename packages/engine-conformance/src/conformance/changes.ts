import { Password } from '@keyturn/core';
import { attempt } from './failure.ts';
import { addition, noOverlap, type Operation, ownChange, reset } from './password-operations.ts';
import { present, type Scenario, type ScenarioGroup } from './scenario.ts';

/** Does it, sees that it is done, and does it again: nothing must differ then. */
function doneTwice(operation: Operation): Scenario {
  return {
    name: `${operation.name} is done, and doing it again changes nothing`,
    async run(world) {
      const begun = await operation.begin(world);
      const once = await attempt(() => world.as(begun.user, begun.run));
      if (once.failed) return [`${operation.name} failed: ${String(once.error)}`];
      const faults = [...(await begun.unfinished()), ...(await begun.broken())];
      const twice = await attempt(async () => world.as(await begun.again(), begun.run));
      if (twice.failed) return [...faults, `${operation.name} failed the second time: ${String(twice.error)}`];
      const after = [...(await begun.unfinished()), ...(await begun.broken())];
      return [...faults, ...after.map((fault) => `after the second time: ${fault}`)];
    },
  };
}

/** Changing passwords. */
export const changes: ScenarioGroup = {
  name: 'passwords change',
  scenarios: [
    ...[ownChange, reset, addition('user'), addition('administrator')].map(doneTwice),
    {
      name: 'the old password works until the change, and no more after it',
      async run(world) {
        const user = await world.newUser();
        const { running } = world;
        const faults: string[] = [];
        const begun = await ownChange.begin(world);
        if (!(await running.logsIn(begun.user.username, begun.user.password))) faults.push('it does not work before');
        await world.as(begun.user, begun.run);
        if (await running.logsIn(begun.user.username, begun.user.password)) faults.push('it still works after');
        const reached = await attempt(() => world.as(begun.user, async () => {}));
        if (!reached.failed) faults.push('the engine still logs in with it');
        if (!(await running.hasPassword(user.username, user.password))) faults.push('another user lost its password');
        return faults;
      },
    },
    {
      name: 'a third password ends the first, and never the one in use',
      async run(world) {
        const overlap = present(world.engine.overlap, noOverlap);
        const { username, password } = await world.newUser();
        const [second, third] = [world.newPassword(), world.newPassword()];
        const add = (next: string, keep: string) =>
          world.as({ username, password: keep }, (connection) =>
            overlap.addPassword(connection, username, new Password(next), new Password(keep)),
          );
        await add(second, password);
        await add(third, second);
        const works = [];
        for (const each of [password, second, third]) works.push(await world.running.logsIn(username, each));
        return works.join() === 'false,true,true'
          ? []
          : [`the first, second and third password log in: ${works.join(', ')}`];
      },
    },
  ],
};
