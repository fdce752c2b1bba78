import { hasCode, Password } from '@keyturn/core';
import { recordSecret } from '../taint/taint-record.ts';
import type { ConformanceWorld } from './conformance-world.ts';
import { attempt } from './failure.ts';
import { generatedPasswords } from './generated-passwords.ts';
import { noMasterForm } from './password-operations.ts';
import { present, type Scenario, type ScenarioGroup } from './scenario.ts';

/** Secrets shorter than this cannot be told from chance in a search. */
const shortestToSearch = 12;

/** Sets a user's password, whose present one is known. */
type SetPassword = (world: ConformanceWorld, username: string, current: string, next: string) => Promise<void>;

/** Takes every generated password in turn: after each, the server's own driver and the engine log in with it. */
function taken(by: 'user' | 'administrator', set: (world: ConformanceWorld) => SetPassword): Scenario {
  return {
    name: `every password of the engine's alphabet, set by the ${by}, logs in`,
    timeoutMs: 300_000,
    async run(world) {
      const setPassword = set(world);
      const { username, password: first } = await world.newUser();
      // Both ways lead through the same quoting: one of them goes through all of it.
      const thoroughness = by === 'user' && world.thorough ? 'each character in three places' : 'each character once';
      const passwords = generatedPasswords(world.engine.passwords, world.seed, thoroughness);
      const faults: string[] = [];
      let current = first;
      let refused = 0;
      for (const { what, password } of passwords) {
        if (password.length >= shortestToSearch) recordSecret(password);
        const outcome = await attempt(() => setPassword(world, username, current, password));
        if (outcome.failed && hasCode(outcome.error, 'password-refused')) {
          // The server may have rules of its own; then it must have kept the old one.
          refused += 1;
          if (!(await world.running.hasPassword(username, current))) faults.push(`refused, and not kept: ${what}`);
          continue;
        }
        const found = outcome.failed ? [`not set: ${String(outcome.error)}`] : await works(world, username, password);
        faults.push(...found.map((fault) => `a password ${what}: ${fault} (KEYTURN_SEED=${world.seed})`));
        if (found.length === 0) current = password;
        else await restart(world, username, current);
      }
      if (refused > passwords.length / 2) faults.push(`the server refuses ${refused} of ${passwords.length} passwords`);
      return faults;
    },
  };
}

async function works(world: ConformanceWorld, username: string, password: string): Promise<readonly string[]> {
  const reached = await attempt(() => world.as({ username, password }, (connection) => world.engine.ping(connection)));
  return [
    (await world.running.logsIn(username, password)) ? undefined : 'the bare driver does not log in with it',
    reached.failed ? `the engine does not log in with it: ${String(reached.error)}` : undefined,
  ].filter((fault) => fault !== undefined);
}

/** After a fault, the next password starts from a user whose password is known. */
async function restart(world: ConformanceWorld, username: string, password: string): Promise<void> {
  await world.as(world.administrator, async (connection) =>
    world.engine.admin?.resetPassword(connection, username, new Password(password)),
  );
}

/** Every password that an engine says it takes. */
export const passwords: ScenarioGroup = {
  name: 'passwords of every kind',
  scenarios: [
    taken(
      'user',
      () => (world, username, current, next) =>
        world.as({ username, password: current }, (connection) =>
          world.engine.changeOwnPassword(connection, new Password(next), new Password(current)),
        ),
    ),
    taken('administrator', ({ engine }) => {
      const admin = present(engine.admin, noMasterForm);
      return (world, username, _current, next) =>
        world.as(world.administrator, (connection) => admin.resetPassword(connection, username, new Password(next)));
    }),
  ],
};
