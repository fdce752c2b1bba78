import { Password } from '@keyturn/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningOracle, startOracle } from '../../service/index.ts';
import { objects, rightsChanges, schemaChanges, userHere } from '../../service/random-rights.ts';
import { pairOf, testTwins, twinAdmin } from '../../service/test-twins.ts';

/** A deep search sets its own. */
const deep = fc.readConfigureGlobal();
const seed = deep.seed ?? Math.trunc(Math.random() * 2 ** 31);
const timeout = deep.numRuns === undefined ? 120_000 : 1_800_000;

/** Names that would break a statement, were they not quoted. */
const names = (count: number): readonly [base: string, twin: string] => {
  const base = [`app ${count}`, `app' TO ${count}--`, `APP_${count}`, `äpp;${count}`][count % 4] ?? '';
  return [base, `${base}_CLONE`];
};

describe.each(['19c', '23ai'] as const)('the rights of two users, %s', (release) => {
  let server: RunningOracle;
  const twins = testTwins(() => server);
  const changes = release === '19c' ? rightsChanges : fc.oneof({ weight: 8, arbitrary: rightsChanges }, schemaChanges);
  const histories = fc.array(fc.array(changes, { maxLength: 8 }), { minLength: 2, maxLength: 4 });
  let effective = 0;

  beforeAll(async () => {
    server = await startOracle(release);
    for (const statement of objects) server.sql(statement);
    if (release === '23ai') server.sql('GRANT GRANT ANY SCHEMA PRIVILEGE TO rotation_master');
  });
  afterAll(() => server?.stop());

  function change(user: string, statement: string): void {
    try {
      server.sql(statement.replaceAll(userHere, `"${user}"`));
      effective += 1;
    } catch (error) {
      // Many take what is not there; only a statement that nobody understands is a fault of the test.
      if (/ORA-(009[0-3]\d|0174\d|00936)/.test(String(error))) throw error;
    }
  }

  test(
    'are equal after each of many rotations, whatever was given and taken in between',
    async () => {
      let count = 0;
      console.info(`seed ${seed}`);
      await twins.asMaster(async (master) => {
        await fc.assert(
          fc.asyncProperty(histories, async (history) => {
            count += 1;
            const users = names(count);
            server.sql(`CREATE USER "${users[0]}" IDENTIFIED BY "first password"`);
            server.sql(`GRANT CREATE SESSION TO "${users[0]}"`);
            for (const [turn, statements] of history.entries()) {
              const [current, next] = turn % 2 === 0 ? users : [users[1], users[0]];
              for (const statement of statements) change(current, statement);
              const before = await server.rightsOf(current);
              const pair = pairOf({
                base: users[0],
                twin: users[1],
                current,
                next,
                password: new Password(`turn ${turn} of ${count}`),
                isKnown: () => Promise.resolve(turn > 0),
              });
              await twinAdmin().cloneUser(master, pair);
              expect(await twinAdmin().comparePrivileges(master, pair)).toEqual([]);
              expect(await server.rightsOf(next)).toEqual(before);
              // The control of safety: the user in use has lost nothing.
              expect(await server.rightsOf(current)).toEqual(before);
            }
            for (const user of users) server.sql(`DROP USER "${user}" CASCADE`);
          }),
          { seed, numRuns: deep.numRuns ?? 200 },
        );
      });
      // The control: the histories do change rights.
      expect(effective).toBeGreaterThan(500);
    },
    timeout,
  );
});
