import { alternatingUsers, multiCredential, type Strategy, singleUser } from '@keyturn/core';
import type { MemoryDatabase } from '@keyturn/engine-conformance';
import { describe, expect, test } from 'vitest';
import { RotationBench } from './rotation-bench.ts';

const minuteMs = 60_000;

type Overlapping = ReturnType<MemoryDatabase['engine']> &
  Required<Pick<ReturnType<MemoryDatabase['engine']>, 'overlap'>>;

const strategies: [string, (database: MemoryDatabase) => Strategy][] = [
  ['alternating users', (database) => alternatingUsers(database.engine())],
  [
    'multi-credential',
    (database) => multiCredential(database.engine({ overlap: true }) as Overlapping, { changedBy: 'user' }),
  ],
  ['single user with an overlap', (database) => singleUser(database.engine({ overlap: true }))],
];

async function make(strategy: (database: MemoryDatabase) => Strategy, gracePeriodMinutes: number | undefined) {
  const clock = { ahead: 0 };
  const bench = await RotationBench.make({
    strategy,
    function: { gracePeriodMinutes, now: () => Date.now() + clock.ahead },
  });
  // The service shall begin afresh, not go on with what the bench has begun.
  await bench.takePendingOff();
  return { bench, clock };
}

/** As the service does it: with LastRotatedDate set when the rotation has ended. */
async function rotateByService(bench: RotationBench): Promise<string> {
  return (await bench.rotateByService()).outcome;
}

function logsIn(bench: RotationBench, { username, password }: Record<string, unknown>): boolean {
  return bench.database.users.get(String(username))?.passwords.includes(String(password)) ?? false;
}

describe.each(strategies)('%s: the previous credential', (_name, strategy) => {
  test('works until the next rotation sets another, and not longer', async () => {
    const { bench } = await make(strategy, undefined);
    const before = await bench.value();
    await rotateByService(bench);
    const previous = await bench.value({ label: 'AWSPREVIOUS' });
    expect(previous).toEqual(before);
    expect(logsIn(bench, previous)).toBe(true);
    await bench.begin();
    await bench.step('createSecret');
    expect(logsIn(bench, previous)).toBe(true);
    await bench.step('setSecret');
    expect(logsIn(bench, previous)).toBe(false);
    expect(logsIn(bench, await bench.value())).toBe(true);
  });

  test('is not ended before its grace period is over: the rotation is refused, and nothing is changed', async () => {
    const { bench, clock } = await make(strategy, 60);
    expect(await rotateByService(bench)).toBe('succeeded');
    const previous = await bench.value({ label: 'AWSPREVIOUS' });
    clock.ahead = 59 * minuteMs;
    await bench.begin();
    const before = await bench.everything();
    await expect(bench.step('createSecret')).rejects.toMatchObject({
      code: 'grace-period-not-over',
      message: expect.stringMatching(/must work until \d{4}-\d\d-\d\dT/),
    });
    expect(await bench.everything()).toEqual(before);
    expect(logsIn(bench, previous)).toBe(true);
    clock.ahead = 60 * minuteMs;
    await bench.rotate();
    expect(logsIn(bench, await bench.value())).toBe(true);
  });

  test('the control: without a grace period two rotations in a row end it', async () => {
    const { bench } = await make(strategy, undefined);
    await rotateByService(bench);
    const previous = await bench.value({ label: 'AWSPREVIOUS' });
    expect(await rotateByService(bench)).toBe('succeeded');
    expect(logsIn(bench, previous)).toBe(false);
  });
});

test('a single user with one password has no grace period, and none may be set', async () => {
  const { bench } = await make((database) => singleUser(database.engine()), 60);
  await bench.begin();
  await expect(bench.step('createSecret')).rejects.toMatchObject({
    code: 'invalid-configuration',
    message: expect.stringContaining('ends the previous password at setSecret'),
  });
});

test('the grace period may come from GRACE_PERIOD_MINUTES', async () => {
  const bench = await RotationBench.make({
    strategy: (database) => alternatingUsers(database.engine()),
    function: { env: { GRACE_PERIOD_MINUTES: '60' } },
  });
  await bench.takePendingOff();
  await rotateByService(bench);
  await bench.begin();
  await expect(bench.step('createSecret')).rejects.toMatchObject({ code: 'grace-period-not-over' });
});
