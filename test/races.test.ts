import { randomUUID } from 'node:crypto';
import { RotateSecretCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { alternatingUsers, type Engine, multiCredential, type Strategy, singleUser, steps } from '@keyturn/core';
import type { MemoryConnection, MemoryDatabase } from '@keyturn/engine-conformance';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { masterSecret, RotationBench } from './rotation-bench.ts';

type MemoryEngine = Engine<MemoryConnection>;

/** What both racers pass before whatever they do outside: the scheduler decides who goes on. */
interface Track {
  pass(): Promise<void>;
}

/** The same engine, each of whose doings waits for its turn. */
function onTrack(engine: MemoryEngine, track: Track): MemoryEngine {
  const waiting =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await track.pass();
      return work(...args);
    };
  const { admin, overlap } = engine;
  return {
    ...engine,
    connect: waiting(engine.connect),
    ping: waiting(engine.ping),
    changeOwnPassword: waiting(engine.changeOwnPassword),
    ...(admin?.twins === undefined
      ? {}
      : {
          admin: {
            resetPassword: waiting(admin.resetPassword),
            twins: {
              cloneUser: waiting(admin.twins.cloneUser),
              comparePrivileges: waiting(admin.twins.comparePrivileges),
            },
          },
        }),
    ...(overlap === undefined ? {} : { overlap: { addPassword: waiting(overlap.addPassword) } }),
  };
}

type Overlapping = MemoryEngine & Required<Pick<MemoryEngine, 'overlap'>>;

const strategies: [string, (engine: MemoryEngine) => Strategy][] = [
  ['single user', (engine) => singleUser(engine)],
  ['single user, changed by the master', (engine) => singleUser(engine, { changedBy: 'master' })],
  ['alternating users', (engine) => alternatingUsers(engine)],
  ['multi-credential', (engine) => multiCredential(engine as Overlapping, { changedBy: 'master' })],
];

/** When the second rotation begins: after so many turns, of the some 25 that a rotation takes. */
const turns = fc.nat({ max: 25 });

/** How many orders of events are tried for each race and strategy. */
const orders = Math.min(fc.readConfigureGlobal().numRuns ?? 10, 500);

describe.each(strategies)('%s', (name, strategyOf) => {
  const engineOf = (database: MemoryDatabase) => database.engine({ overlap: name === 'multi-credential' });

  /** A secret that has been rotated before, and a way to take steps as a process of its own on the scheduler's track. */
  async function race(scheduler: fc.Scheduler) {
    let isRacing = false;
    const track: Track = {
      pass: () => (isRacing ? scheduler.schedule(Promise.resolve()) : Promise.resolve()),
    };
    const bench = await RotationBench.make({
      strategy: (database) => strategyOf(onTrack(engineOf(database), track)),
      function: { consistencyWaitMs: 0 },
    });
    bench.database.users.get('app')?.rights.add('SELECT ON orders');
    await bench.rotate();
    const onCall = async () => {
      await track.pass();
      return { action: 'pass' } as const;
    };
    return {
      bench,
      pass: track.pass,
      /** Runs these at once, in the scheduler's order; none may be left hanging. */
      async run(...racers: ((take: ReturnType<RotationBench['otherProcess']>) => Promise<void>)[]): Promise<string[]> {
        isRacing = true;
        const outcomes = racers.map((racer) =>
          racer(bench.otherProcess(onCall)).then(
            () => 'done',
            (error: { code?: string }) => error.code ?? String(error),
          ),
        );
        await scheduler.waitFor(Promise.all(outcomes));
        isRacing = false;
        return Promise.all(outcomes);
      },
    };
  }

  async function nextRotationCompletes(bench: RotationBench): Promise<void> {
    const { outcome } = await bench.rotateByService();
    const { username, password } = await bench.value();
    expect(outcome).toBe('succeeded');
    expect((await bench.labels())[bench.token]).toContain('AWSCURRENT');
    const user = bench.database.users.get(String(username));
    expect(user?.passwords).toContain(password);
    // Of two users that take turns, each has what the first one had.
    expect([...(user?.rights ?? [])]).toEqual(['SELECT ON orders']);
  }

  const check = <T>(property: fc.IAsyncProperty<T>) =>
    fc.assert(property, { numRuns: orders, verbose: fc.VerbosityLevel.Verbose });

  test.each(steps)('%s delivered twice at the same time', { timeout: 120_000 }, async (raced) => {
    await check(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { bench, run } = await race(scheduler);
        await bench.begin();
        for (const step of steps) {
          if (step !== raced) {
            await bench.step(step);
            continue;
          }
          const outcomes = await run(
            (take) => take(step, bench.token),
            (take) => take(step, bench.token),
          );
          expect(outcomes).toContain('done');
        }
        await nextRotationCompletes(bench);
      }),
    );
  });

  test('two rotations of one secret at once', { timeout: 120_000 }, async () => {
    await check(
      fc.asyncProperty(fc.scheduler(), turns, async (scheduler, later) => {
        const { bench, run, pass } = await race(scheduler);
        await bench.begin();
        const first = bench.token;
        const second = randomUUID();
        const all = async (take: ReturnType<RotationBench['otherProcess']>, token: string) => {
          for (const step of steps) await take(step, token);
        };
        await run(
          (take) => all(take, first),
          async (take) => {
            for (let turn = 0; turn < later; turn += 1) await pass();
            await startAnother(bench, first, second);
            await all(take, second);
          },
        );
        await nextRotationCompletes(bench);
      }),
    );
  });

  test('the master secret is rotated at the same time', { timeout: 120_000 }, async () => {
    await check(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { bench, run } = await race(scheduler);
        await bench.begin();
        await run(
          async (take) => {
            for (const step of steps) await take(step, bench.token);
          },
          () => bench.rotateMaster(() => scheduler.schedule(Promise.resolve())),
        );
        const master = await bench.masterValue();
        expect(master.password).not.toBe(masterSecret.password);
        expect(bench.database.users.get('master')?.passwords).toEqual([master.password]);
        await nextRotationCompletes(bench);
      }),
    );
  });
});

test('the control: without the search for the password that the database has, some order leaves a state in which no rotation completes', {
  timeout: 120_000,
}, async () => {
  const outcomes: string[] = [];
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), turns, async (scheduler, later) => {
      let isRacing = false;
      const pass = () => (isRacing ? scheduler.schedule(Promise.resolve()) : Promise.resolve());
      const bench = await RotationBench.make({
        function: { consistencyWaitMs: 0 },
        strategy: (database) => {
          const strategy = singleUser(onTrack(database.engine(), { pass }));
          return {
            ...strategy,
            setSecret(current, pending, rotation) {
              rotation.versions.others = async () => [];
              return strategy.setSecret(current, pending, rotation);
            },
          };
        },
      });
      const first = bench.token;
      const second = randomUUID();
      const all = async (token: string) => {
        const take = bench.otherProcess(async () => {
          await pass();
          return { action: 'pass' };
        });
        for (const step of steps) await take(step, token);
      };
      isRacing = true;
      const another = async () => {
        for (let turn = 0; turn < later; turn += 1) await pass();
        await startAnother(bench, first, second);
        await all(second);
      };
      const both = Promise.allSettled([all(first), another()]);
      await scheduler.waitFor(both);
      isRacing = false;
      const next = bench.rotateByService().then(({ outcome }) => outcome);
      outcomes.push(await next.catch(() => 'refused'));
    }),
    { numRuns: 40 },
  );
  expect(outcomes.filter((outcome) => outcome !== 'succeeded').length).toBeGreaterThan(0);
});

/** As when somebody tidies up and rotates again, while the first rotation still runs. */
async function startAnother(bench: RotationBench, first: string, second: string): Promise<void> {
  const { labels, person, secretId } = { labels: await bench.labels(), person: bench.person, secretId: bench.secretId };
  if (labels[first]?.includes('AWSPENDING')) {
    await person.send(
      new UpdateSecretVersionStageCommand({
        SecretId: secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: first,
      }),
    );
  }
  await person.send(new RotateSecretCommand({ SecretId: secretId, ClientRequestToken: second }));
  await bench.manager.rotationSettled(secretId);
}
