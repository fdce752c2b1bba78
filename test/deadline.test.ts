import { describe, expect, test } from 'vitest';
import { RotationBench } from './rotation-bench.ts';

/** Runs a step that gets stuck, in an invocation of so many milliseconds, and says how long it took. */
async function stuck(bench: RotationBench, step: 'createSecret' | 'setSecret', remainingMs: number) {
  const start = performance.now();
  const error = await bench.step(step, bench.token, remainingMs).then(
    () => undefined,
    (thrown: { code: string; endpoint?: string; step?: string; message: string }) => thrown,
  );
  return { error, elapsedMs: performance.now() - start };
}

describe('no wait outlasts the invocation', () => {
  test.each(['DescribeSecret', 'GetSecretValue', 'PutSecretValue'])(
    'a Secrets Manager that never answers %s is named, in time, and nothing has changed',
    async (operation) => {
      let frozen = false;
      const bench = await RotationBench.make({
        onCall: (point) =>
          frozen && point.operation === operation && point.moment === 'before'
            ? { action: 'freeze' }
            : { action: 'pass' },
      });
      const before = await bench.everything();
      frozen = true;
      const { error, elapsedMs } = await stuck(bench, 'createSecret', 1_500);
      expect(error).toMatchObject({
        code: 'deadline-exceeded',
        step: 'createSecret',
        endpoint: 'secretsmanager.us-east-1.amazonaws.com:443',
        message: expect.stringContaining(operation),
      });
      expect(elapsedMs).toBeGreaterThan(1_000);
      expect(elapsedMs).toBeLessThan(1_500);
      expect(await bench.everything()).toEqual(before);
    },
  );

  test('nothing is begun in an invocation that has no time', async () => {
    const bench = await RotationBench.make();
    const from = bench.manager.timeline.of('call').length;
    const { error } = await stuck(bench, 'createSecret', 0);
    expect(error).toMatchObject({ code: 'deadline-exceeded' });
    expect(bench.manager.timeline.of('call').slice(from)).toEqual([]);
  });

  test('a refused call says which right is missing, and a throttled one that it was throttled', async () => {
    const answers = [
      [
        'AccessDeniedException',
        'User: x is not authorized to perform',
        'secrets-manager-denied',
        'secretsmanager:DescribeSecret',
      ],
      ['AccessDeniedException', 'Access to KMS is not allowed', 'key-denied', 'kms:Decrypt'],
      ['ThrottlingException', 'Rate exceeded', 'secrets-manager-throttled', 'retry'],
      ['InternalServiceError', 'oops', 'secrets-manager-failed', 'retry'],
    ] as const;
    for (const [type, message, code, remedy] of answers) {
      const bench = await RotationBench.make({
        onCall: ({ operation }) =>
          operation === 'DescribeSecret' ? { action: 'error', type, message, status: 400 } : { action: 'pass' },
      });
      await expect(bench.step('createSecret')).rejects.toMatchObject({
        code,
        driverCode: type,
        remedy: expect.stringContaining(remedy),
      });
    }
  });
});
