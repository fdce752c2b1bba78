import { alternatingUsers, type Engine, RotationError, type Strategy, singleUser } from '@keyturn/core';
import type { MemoryConnection, MemoryDatabase } from '@keyturn/engine-conformance';
import { describe, expect, test } from 'vitest';
import { RotationBench } from './rotation-bench.ts';

/** A farm of servers: a login with a new password is refused some times before each of them knows it. */
function farm(database: MemoryDatabase, refusals: number): { engine: Engine<MemoryConnection>; logins: number[] } {
  const engine = database.engine();
  const logins: number[] = [];
  let left = refusals;
  let isSet = false;
  return {
    logins,
    engine: {
      ...engine,
      async connect(login, limits) {
        if (isSet) logins.push(performance.now());
        if (isSet && left > 0) {
          left -= 1;
          throw new RotationError('login-failed', {
            message: 'this server does not know it yet',
            user: login.username,
          });
        }
        return engine.connect(login, limits);
      },
      async changeOwnPassword(connection, next, current) {
        await engine.changeOwnPassword(connection, next, current);
        isSet = true;
      },
      ...(engine.admin === undefined
        ? {}
        : {
            admin: {
              ...engine.admin,
              async resetPassword(connection, username, next) {
                await engine.admin?.resetPassword(connection, username, next);
                isSet = true;
              },
            },
          }),
    },
  };
}

const strategies: [string, (engine: Engine<MemoryConnection>) => Strategy][] = [
  ['single user', (engine) => singleUser(engine)],
  ['alternating users', (engine) => alternatingUsers(engine)],
];

describe.each(strategies)('%s: a new password that not every server knows at once', (_name, strategyOf) => {
  async function make(refusals: number, propagationWaitMs: number, failedLoginLimit?: number) {
    let logins: readonly number[] = [];
    const bench = await RotationBench.make({
      strategy: (database) => {
        const made = farm(database, refusals);
        logins = made.logins;
        return strategyOf(made.engine);
      },
      function: { propagationWaitMs, failedLoginLimit },
    });
    await bench.steps('createSecret', 'setSecret');
    return { bench, logins: () => logins };
  }

  test('is tried again until it works, and the wait ends as soon as it does', async () => {
    const { bench, logins } = await make(2, 300);
    await bench.step('testSecret');
    const [first = 0, second = 0, third = 0] = logins();
    expect(logins()).toHaveLength(3);
    expect(second - first).toBeGreaterThan(90);
    expect(third - second).toBeGreaterThan(190);
    await bench.step('finishSecret');
    expect((await bench.labels())[bench.token]).toEqual(['AWSCURRENT', 'AWSPENDING']);
    const early = await make(0, 60_000);
    await early.bench.step('testSecret');
    expect(early.logins()).toHaveLength(1);
  });

  test('never works: the wait is bounded, refused logins too, and AWSCURRENT stays', async () => {
    const { bench, logins } = await make(1_000, 150);
    await expect(bench.step('testSecret')).rejects.toMatchObject({ code: 'login-failed', stage: 'AWSPENDING' });
    expect(logins()).toHaveLength(3);
    expect(Object.values(await bench.labels())).toContainEqual(['AWSCURRENT']);
    await expect(bench.step('finishSecret')).rejects.toMatchObject({ code: 'login-failed' });
  });

  test('a higher limit of refused logins means more looks in the same time', async () => {
    const { bench, logins } = await make(5, 200, 6);
    await bench.step('testSecret');
    expect(logins()).toHaveLength(6);
  });

  test('the time of the invocation is the end of any wait, and the error says what it waited for', async () => {
    const { bench } = await make(2, 600_000);
    await expect(bench.step('testSecret', bench.token, 5_000)).rejects.toMatchObject({
      code: 'deadline-exceeded',
      message: expect.stringContaining('wait until every server knows the new password'),
    });
  });

  test('the control: without the wait the first refusal is the end', async () => {
    const { bench, logins } = await make(2, 0);
    await expect(bench.step('testSecret')).rejects.toMatchObject({ code: 'login-failed' });
    expect(logins()).toHaveLength(1);
  });
});
