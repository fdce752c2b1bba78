import { randomBytes } from 'node:crypto';
import { alternatingUsers, multiCredential, type Step, type Strategy, singleUser, steps } from '@keyturn/core';
import { type DatabaseService, type RunningService, recordError, recordSecret } from '@keyturn/engine-conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services as mariadbServices } from '../packages/engines/mariadb/service/index.ts';
import { mariadb } from '../packages/engines/mariadb/src/index.ts';
import { services as postgresServices } from '../packages/engines/postgres/service/index.ts';
import { postgres } from '../packages/engines/postgres/src/index.ts';
import { services as redisServices } from '../packages/engines/redis/service/index.ts';
import { redis } from '../packages/engines/redis/src/index.ts';
import { RotationBench } from './rotation-bench.ts';

type Take = (step: Step, token: string) => Promise<void>;

const cases: readonly [string, DatabaseService | undefined, Readonly<Record<string, () => Strategy>>][] = [
  [
    'PostgreSQL',
    postgresServices.at(-1),
    { 'single user': () => singleUser(postgres()), 'alternating users': () => alternatingUsers(postgres()) },
  ],
  [
    'MariaDB',
    mariadbServices.at(-1),
    { 'single user': () => singleUser(mariadb()), 'alternating users': () => alternatingUsers(mariadb()) },
  ],
  [
    'Redis',
    redisServices.at(-1),
    { 'multi-credential': () => multiCredential(redis()), 'single user, two passwords': () => singleUser(redis()) },
  ],
];

/** What real servers do with two sessions at once; every order of the calls is tried in races.test.ts. */
describe.each(cases)('%s', (_name, service, strategies) => {
  let running: RunningService;
  beforeAll(async () => {
    if (service === undefined) throw new Error('there is no such server for this platform');
    await service.prepare();
    running = await service.start();
  }, 300_000);
  afterAll(() => running?.stop());

  async function make(strategy: () => Strategy): Promise<RotationBench> {
    const username = `race_${randomBytes(4).toString('hex')}`;
    const password = randomBytes(12).toString('hex');
    recordSecret(password);
    await running.createUser(username, password);
    if (strategy().name.startsWith('alternating')) await running.furnish?.(username);
    const { engineName: engine, host, port, database: dbname, administrator, ca } = running;
    const at = { engine, host, port, dbname };
    return RotationBench.make({
      strategy,
      text: JSON.stringify({ ...at, username, password }),
      master: JSON.stringify({ ...at, ...administrator }),
      function: { tls: { ca }, consistencyWaitMs: 300 },
    });
  }

  /** As in a warm process and a cold one; what loses says so with a code. */
  async function atOnce(...racers: readonly Promise<void>[]): Promise<void> {
    for (const result of await Promise.allSettled(racers)) {
      if (result.status === 'fulfilled') continue;
      recordError(result.reason);
      expect(result.reason).toMatchObject({ name: 'RotationError' });
    }
  }

  async function nextRotationCompletes(bench: RotationBench): Promise<void> {
    const { outcome } = await bench.rotateByService();
    expect(outcome).toBe('succeeded');
    const [current, previous] = [await bench.value(), await bench.value({ label: 'AWSPREVIOUS' })];
    for (const { password } of [current, previous]) recordSecret(String(password));
    expect((await bench.labels())[bench.token]).toContain('AWSCURRENT');
    expect(await running.logsIn(String(current.username), String(current.password))).toBe(true);
    if (current.username === previous.username) return;
    const rights = await running.rightsOf?.(String(current.username));
    expect(rights?.length).toBeGreaterThan(0);
    expect(await running.rightsOf?.(String(previous.username))).toEqual(rights);
  }

  describe.each(Object.entries(strategies))('%s', (_strategy, strategy) => {
    test('each step delivered twice at the same time, in a first and a later rotation', async () => {
      const bench = await make(strategy);
      for (const rotation of ['first', 'later']) {
        if (rotation === 'later') await bench.begin();
        const [one, other] = [bench.otherProcess(), bench.otherProcess()];
        for (const step of steps) {
          await atOnce(one(step, bench.token), other(step, bench.token));
          // The service delivers a step that failed again.
          await one(step, bench.token);
        }
        expect((await bench.labels())[bench.token]).toContain('AWSCURRENT');
      }
      await nextRotationCompletes(bench);
    });

    test('two rotations of one secret at once', async () => {
      const bench = await make(strategy);
      await bench.rotate();
      await bench.begin();
      const first = bench.token;
      const all = async (take: Take, token: string) => {
        for (const step of steps) await take(step, token);
      };
      const [one, other] = [bench.otherProcess(), bench.otherProcess()];
      await one('createSecret', first);
      // Somebody tidies up and rotates again, while the first rotation still runs.
      await bench.takePendingOff(first);
      await bench.begin();
      await atOnce(all(one, first), all(other, bench.token));
      await nextRotationCompletes(bench);
    });
  });
});
