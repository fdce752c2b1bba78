import { attempt, faultsOf } from './failure.ts';
import type { ScenarioGroup } from './scenario.ts';

/** Logging in, being refused, and going away. */
export const logins: ScenarioGroup = {
  name: 'logins',
  scenarios: [
    {
      name: 'the first login is one login, and none is refused',
      run: async (world) => {
        const user = await world.newUser();
        return world.withTap(async (tap) => {
          const outcome = await attempt(() =>
            world.as(user, (connection) => world.engine.ping(connection), world.at(tap.port)),
          );
          const faults = outcome.failed ? [`login and ping failed: ${String(outcome.error)}`] : [];
          const seen = tap.logins.map(({ outcome, user }) => `${outcome} ${user}`);
          if (seen.join() !== `logged-in ${user.username}`) faults.push(`the logins were: ${seen.join(', ')}`);
          return [...faults, ...tap.faults];
        });
      },
    },
    {
      name: 'a wrong password is login-failed, after one try',
      run: async (world) => {
        const user = await world.newUser();
        const wrong = world.newPassword();
        const counted = await world.running.refusedLogins?.(user.username);
        return world.withTap(async (tap) => {
          const at = world.at(tap.port);
          const outcome = await attempt(() => world.as({ ...user, password: wrong }, async () => {}, at));
          const faults = faultsOf('a wrong password', outcome, {
            codes: ['login-failed'],
            login: { ...at, username: user.username },
            secrets: [user.password, wrong],
          });
          const refused = tap.logins.filter((login) => login.outcome === 'refused').length;
          if (refused !== 1) faults.push(`${refused} logins were refused for one wrong password`);
          const more = ((await world.running.refusedLogins?.(user.username)) ?? 0) - (counted ?? 0);
          if (more > 1) faults.push(`the server counts ${more} refused logins for one wrong password`);
          if (!(await world.running.logsIn(user.username, user.password))) {
            faults.push('the right password works no more');
          }
          return [...faults, ...tap.faults];
        });
      },
    },
    {
      name: 'a user that there is not is login-failed',
      run: async (world) => {
        const nobody = { username: world.newName(), password: world.newPassword() };
        const outcome = await attempt(() => world.as(nobody, async () => {}));
        const login = world.login(nobody);
        return faultsOf('an unknown user', outcome, { codes: ['login-failed'], login, secrets: [nobody.password] });
      },
    },
    {
      name: 'close ends the connection, once, twice and after it broke',
      run: async (world) => {
        const user = await world.newUser();
        const faults: string[] = [];
        const { engine } = world;
        const tap = await world.tap();
        const connection = await engine.connect(world.login(user, world.at(tap.port)), world.limits());
        const other = await engine.connect(world.login(user), world.limits());
        await tap.close();
        for (const [what, which] of [
          ['of a broken connection', connection],
          ['of a connection', other],
          ['once more', other],
        ] as const) {
          const outcome = await attempt(() => engine.close(which), 3_000);
          if (outcome.hung) return [`close ${what} had not ended after ${outcome.elapsedMs} ms`];
          if (outcome.failed) faults.push(`close ${what} rejects: ${String(outcome.error)}`);
        }
        const late = await attempt(() => engine.ping(other));
        return [...faults, ...faultsOf('a statement after close', late, { secrets: [user.password] })];
      },
    },
  ],
};
