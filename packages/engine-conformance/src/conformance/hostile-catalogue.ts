import { Password } from '@keyturn/core';
import fc from 'fast-check';
import type { ConformanceWorld, WorldUser } from './conformance-world.ts';
import { attempt } from './failure.ts';
import { present, type ScenarioGroup } from './scenario.ts';
import { differences, newTwins } from './twin-operations.ts';

/** Names that somebody could give to what they make, so that whoever reads the catalogue runs what they hold. */
function hostileNames(victim: string, seed: number): readonly string[] {
  const statements = [
    `DROP USER ${victim}`,
    `DROP USER '${victim}'`,
    `DROP ROLE "${victim}"`,
    `DROP LOGIN [${victim}]`,
    `DROP USER \`${victim}\``,
    `ALTER USER ${victim} IDENTIFIED BY x`,
  ];
  const ways: readonly ((statement: string) => string)[] = [
    (statement) => `a"; ${statement}; --`,
    (statement) => `a'; ${statement}; --`,
    (statement) => `a\`; ${statement}; --`,
    (statement) => `a]; ${statement}; --`,
    (statement) => `a\\'; ${statement}; #`,
    (statement) => `a\n; ${statement};\n`,
    (statement) => `a$$; ${statement}; $$`,
    // Those that end the statement before theirs as it must end.
    ...['"', "'", '`', ']'].map((quote) => (statement: string) => `a${quote} TO ${victim}; ${statement}; --`),
  ];
  const pieces = fc.constantFrom(
    '"',
    "'",
    '`',
    '[',
    ']',
    ';',
    '--',
    '/*',
    '*/',
    '\\',
    '\n',
    '$$',
    '%',
    '_',
    ' ',
    'a',
    '.',
    'ʼ',
    '＂',
    'é',
  );
  const chance = fc.array(pieces, { minLength: 2, maxLength: 9 }).map((all) => `h${all.join('')}`);
  const all = [
    // Each way once, with the statements in turn.
    ...ways.map((way, i) => way(statements[i % statements.length] ?? '')),
    ...[
      'it"s',
      "it's",
      'it`s',
      'it]s',
      '[it]',
      'a.b',
      '"a"."b"',
      "''",
      'a b',
      'a ',
      'a\tb',
      'a\nb',
      'a\\b',
      'a\\',
      'a--b',
      'a/*b',
      '%',
      '_',
      '*',
      '*.*',
      '$1',
      '?',
      ':a',
      '$' + '{a}',
      '{}',
      'ʼ or ＂',
      '🔑',
      'PUBLIC',
      'public',
      'select',
      '<user>',
      'CON%d%s',
    ],
    ...fc.sample(chance, { seed, numRuns: 15 }),
  ];
  // Each is made once on one server, and some servers keep no white space at the end.
  return [...new Map(all.map((name) => [name.trimEnd(), name])).values()];
}

/** Users whom the names would harm, and what they are. */
interface Canary extends WorldUser {
  readonly rights: readonly string[];
}

/** Names in the catalogue are anybody's. */
export const hostileCatalogue: ScenarioGroup = {
  name: 'hostile names in the catalogue',
  scenarios: [
    {
      name: 'rights on things of any name are handed on, and nothing else happens',
      timeoutMs: 300_000,
      async run(world) {
        const furnishNamed = present(
          world.running.furnishNamed,
          'the service has no furnishNamed: rights here name nothing that a user could have named',
        ).bind(world.running);
        const canary = await newCanary(world);
        const faults: string[] = [];
        let made = 0;
        const names = hostileNames(canary.username, world.seed);
        // A user with things of several names is met no less by each: only a fault does not tell so well which it was.
        const size = world.thorough ? 1 : 6;
        for (let at = 0; at < names.length; at += size) {
          const some = names.slice(at, at + size);
          const told = (fault: string) => `${JSON.stringify(some)}: ${fault} (KEYTURN_SEED=${world.seed})`;
          const twins = await newTwins(world, { furnished: false });
          for (const name of some) made += await furnishNamed(twins.user.username, name);
          const before = await twins.rightsOf(twins.user.username);
          const outcome = await attempt(() =>
            world.as(world.administrator, async (connection) => {
              await twins.admin.cloneUser(connection, twins.pair);
              await world.engine.admin?.resetPassword(connection, twins.pair.next, new Password(twins.password));
            }),
          );
          if (outcome.failed) faults.push(told(`no twin is made: ${String(outcome.error)}`));
          else faults.push(...(await differences(world, twins)).map(told));
          const after = await twins.rightsOf(twins.user.username);
          faults.push(...before.filter((right) => !after.includes(right)).map((right) => told(`lost: ${right}`)));
          faults.push(...(await harm(world, canary)).map(told));
        }
        return made === 0 ? ['furnishNamed made nothing: nothing is shown'] : faults;
      },
    },
  ],
};

async function newCanary(world: ConformanceWorld): Promise<Canary> {
  const { user, rightsOf } = await newTwins(world);
  return { ...user, rights: await rightsOf(user.username) };
}

async function harm(world: ConformanceWorld, { username, password, rights }: Canary): Promise<readonly string[]> {
  const { running } = world;
  if (!(await running.hasPassword(username, password))) return ['another user has lost its password, or is gone'];
  const now = (await running.rightsOf?.(username)) ?? [];
  return now.join('\n') === rights.join('\n') ? [] : ['another user has other rights'];
}
