import { type FinishedRotation, steps } from '@keyturn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BenchOptions, goodSecret, RotationBench } from './rotation-bench.ts';

/** Longer than any invocation may last, with what clocks may differ. */
const leaseMs = 30_000 + 60_000;

/** A bench whose hook notes its calls, and whose wall clock can be turned on. */
async function make(hook: (finished: FinishedRotation) => Promise<void> = async () => {}, options: BenchOptions = {}) {
  const calls: string[] = [];
  const clock = { ahead: 0 };
  const bench = await RotationBench.make({
    ...options,
    function: {
      afterRotation: async (finished) => {
        calls.push(finished.versionId);
        await hook(finished);
      },
      now: () => Date.now() + clock.ahead,
    },
  });
  return { bench, calls, clock };
}

/** The error's code, or `done`. */
function codeOf(work: Promise<void>): Promise<string> {
  return work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
}

describe('the hook after finishSecret', () => {
  test('is called when AWSCURRENT has moved, with the version that it is on now', async () => {
    const seen: unknown[] = [];
    const { bench, calls } = await make(async ({ secretId, versionId }) => {
      seen.push({ secretId, labels: (await bench.labels())[versionId] });
    });
    await bench.rotate();
    expect(calls).toEqual([bench.token]);
    expect(seen).toEqual([{ secretId: bench.secretId, labels: ['AWSCURRENT', 'AWSPENDING'] }]);
    const first = bench.token;
    await bench.begin();
    await bench.rotate();
    expect(calls).toEqual([first, bench.token]);
    expect(await bench.labels()).toEqual({
      [first]: ['AWSPREVIOUS'],
      [bench.token]: ['AWSCURRENT', 'AWSPENDING', 'KEYTURN_HOOK_DONE'],
    });
  });

  test('is called once, however often the steps are sent again', async () => {
    const { bench, calls, clock } = await make();
    await bench.rotate();
    for (let again = 0; again < 3; again += 1) {
      clock.ahead += leaseMs;
      bench.restart();
      for (const step of steps) await bench.step(step);
      await bench.step('finishSecret');
    }
    expect(calls).toEqual([bench.token]);
  });

  test('costs one call more; without a hook there is none', async () => {
    const operations = async (bench: RotationBench) => {
      await bench.steps('createSecret', 'setSecret', 'testSecret');
      const from = bench.manager.timeline.of('call').length;
      await bench.step('finishSecret');
      return bench.manager.timeline
        .of('call')
        .slice(from)
        .filter(({ caller }) => caller === 'function')
        .map(({ operation }) => operation);
    };
    const finish = ['DescribeSecret', 'UpdateSecretVersionStage'];
    expect(await operations((await make()).bench)).toEqual([...finish, 'UpdateSecretVersionStage']);
    expect(await operations(await RotationBench.make())).toEqual(finish);
  });

  test('fails: AWSCURRENT is the new version all the same, and the retry calls it again at once', async () => {
    let failing = true;
    const { bench, calls } = await make(async () => {
      if (failing) throw new Error(`tell nobody: ${(await bench.value()).password}`);
    });
    await bench.steps('createSecret', 'setSecret', 'testSecret');
    const error = await bench.step('finishSecret').catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'hook-failed' });
    const { password } = await bench.value();
    expect(password).not.toBe(goodSecret.password);
    expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toContain(password);
    failing = false;
    await bench.step('finishSecret');
    expect(calls).toEqual([bench.token, bench.token]);
    await bench.step('finishSecret');
    expect(calls).toHaveLength(2);
  });

  test('is called again, with the same version, if the process died while it ran', async () => {
    let dies = true;
    const { bench, calls, clock } = await make(() => (dies ? new Promise(() => {}) : Promise.resolve()));
    await bench.steps('createSecret', 'setSecret', 'testSecret');
    // Who has died tells nobody of its end.
    void codeOf(bench.step('finishSecret'));
    await expect.poll(() => calls.length).toBe(1);
    dies = false;
    bench.restart();
    expect(await codeOf(bench.step('finishSecret'))).toBe('hook-pending');
    clock.ahead = leaseMs;
    await bench.step('finishSecret');
    expect(calls).toEqual([bench.token, bench.token]);
  });
});

describe('exactly once, when the process is killed at any call of finishSecret', () => {
  const crashes = ['DescribeSecret', 'UpdateSecretVersionStage 1', 'UpdateSecretVersionStage 2'].flatMap((call) =>
    (['before', 'after'] as const).map((moment) => ({ call, moment })),
  );

  test.each(crashes)('$moment $call', async ({ call, moment }) => {
    const { bench, calls, clock } = await make();
    await bench.steps('createSecret', 'setSecret', 'testSecret');
    const killed = Promise.withResolvers<void>();
    const dying = bench.otherProcess((point) => {
      const name = point.operation === 'DescribeSecret' ? point.operation : `${point.operation} ${point.nth}`;
      if (name !== call || point.moment !== moment) return { action: 'pass' };
      killed.resolve();
      return { action: 'freeze' };
    });
    // The process must find its version proven by itself, or finishSecret would ask again.
    await dying('testSecret', bench.token);
    void codeOf(dying('finishSecret', bench.token));
    await killed.promise;
    bench.restart();
    const retried = [await codeOf(bench.step('finishSecret'))];
    if (retried[0] !== 'done') {
      expect(retried).toEqual(['hook-pending']);
      clock.ahead = leaseMs;
      retried.push(await codeOf(bench.step('finishSecret')));
    }
    expect(retried.at(-1)).toBe('done');
    // Only a hook that was called and not marked is called again.
    expect(calls).toHaveLength(call === 'UpdateSecretVersionStage 2' && moment === 'before' ? 2 : 1);
    expect(new Set(calls)).toEqual(new Set([bench.token]));
  });
});

describe('exactly once, when finishSecret is delivered several times at the same time', () => {
  async function deliver(scheduler: fc.Scheduler, aheadMs: number) {
    const { bench, calls, clock } = await make();
    clock.ahead = aheadMs;
    await bench.steps('createSecret', 'setSecret', 'testSecret');
    const outcomes = [1, 2, 3].map(() => {
      const process = bench.otherProcess(async () => {
        await scheduler.schedule(Promise.resolve());
        return { action: 'pass' };
      });
      return codeOf(process('finishSecret', bench.token));
    });
    await scheduler.waitFor(Promise.all(outcomes));
    return { bench, calls, clock, outcomes: await Promise.all(outcomes) };
  }

  test('in any order of their calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { bench, calls, clock, outcomes } = await deliver(scheduler, 0);
        expect(new Set([...outcomes, 'done', 'hook-pending'])).toEqual(new Set(['done', 'hook-pending']));
        clock.ahead = leaseMs;
        await bench.step('finishSecret');
        expect(calls).toEqual([bench.token]);
      }),
      { numRuns: 60 },
    );
  });

  test('the control: without the wait for the others, it is called more than once', async () => {
    const counts: number[] = [];
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        counts.push((await deliver(scheduler, leaseMs)).calls.length);
      }),
      { numRuns: 60 },
    );
    expect(Math.max(...counts)).toBeGreaterThan(1);
  });
});
