import { Password } from '@keyturn/core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dialects, type RunningMongodb, startMongodb } from '../../service/index.ts';
import { makeRoles, rightsChanges } from '../../service/random-rights.ts';
import { rightsOf } from '../../service/rights-of.ts';
import { pairOf, testTwins } from '../../service/test-twins.ts';
import { mongodb } from '../index.ts';

let server: RunningMongodb;
const twins = testTwins(() => server);

beforeAll(async () => {
  server = await startMongodb(dialects.mongodb8);
  await makeRoles(server.double);
});
afterAll(() => server?.stop());

/** A deep search sets its own. */
const deep = fc.readConfigureGlobal();
const seed = deep.seed ?? Math.trunc(Math.random() * 2 ** 31);

const histories = fc.array(fc.array(rightsChanges, { maxLength: 6 }), { minLength: 2, maxLength: 4 });

test('after each of many rotations both users may do the same, whatever was given and taken in between', {
  timeout: deep.numRuns === undefined ? 120_000 : 1_800_000,
}, async () => {
  console.info(`seed ${seed}`);
  const { admin } = mongodb();
  const { double } = server;
  let count = 0;
  let effective = 0;
  await twins.asMaster(async (master) => {
    await fc.assert(
      fc.asyncProperty(histories, fc.constantFrom('admin', 'app'), async (history, db) => {
        count += 1;
        const users = [`it's "${count}"`, `it's "${count}"_clone`] as const;
        await double.run(db, { createUser: users[0], pwd: 'first', roles: [{ role: 'read', db: 'app' }] });
        const rights = (user: string) => rightsOf(double, db, user);
        for (const [turn, changes] of history.entries()) {
          const [current, next] = turn % 2 === 0 ? users : [users[1], users[0]];
          for (const change of changes) {
            const were = rights(current);
            await double.run(db, change(current, db));
            effective += Number(were.join('\n') !== rights(current).join('\n'));
          }
          const before = rights(current);
          const password = new Password(`turn ${turn} of it`);
          const pair = pairOf({
            base: users[0],
            twin: users[1],
            current,
            next,
            password,
            isKnown: () => Promise.resolve(turn > 0),
          });
          await admin.twins.cloneUser(master, pair);
          expect(await admin.twins.comparePrivileges(master, pair)).toEqual([]);
          expect(rights(next)).toEqual(before);
          await admin.resetPassword(master, next, password);
          expect(double.hasPassword(db, next, password.reveal())).toBe(true);
          expect(rights(next)).toEqual(before);
          expect(rights(current)).toEqual(before);
        }
        for (const dropUser of users) await double.run(db, { dropUser });
      }),
      { seed, numRuns: deep.numRuns ?? 200 },
    );
  });
  // The control: the histories do change rights.
  expect(effective).toBeGreaterThan(500);
});
