import { issuedCredentials, RotationFunction } from '@keyturn/core';
import { afterAll, describe, expect, test } from 'vitest';
import type { MakeFunction } from '../testing/access-key-process.ts';
import { recoveries, runMatrix } from '../testing/crash-matrix.ts';

/** Nothing here is eventually consistent: what is not there will not come. */
const settings = { consistencyWaitMs: 200, propagationWaitMs: 200, env: {} };

const honest: MakeFunction = (issuer, client) =>
  new RotationFunction(issuedCredentials(issuer), { client, ...settings });

describe('crash matrix, IAM access keys', () => {
  const tried: Record<string, { tried: number; held: number }> = {};
  afterAll(() => console.table(tried));

  for (const kind of ['first', 'later', 'orphan-finding'] as const) {
    // How the service and people go on after a crash makes no difference to what createSecret finds.
    for (const recovery of kind === 'orphan-finding' ? recoveries.slice(0, 2) : recoveries) {
      const name = `${kind} rotation: ${recovery.name}`;
      test(name, { timeout: 120_000 }, async () => {
        const results = await runMatrix(honest, kind, recovery);
        const broken = results.filter(({ faults }) => faults.length > 0);
        tried[name] = { tried: results.length, held: results.length - broken.length };
        expect(broken).toEqual([]);
        expect(results.length).toBeGreaterThanOrEqual(40);
      });
    }
  }
});
