import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dataFolder } from '../../testing/data-folder.ts';
import { type RawCall, rawCaller } from '../../testing/service.ts';
import { snapshot } from '../../testing/snapshot.ts';
import { ManualClock } from '../clock.ts';
import { LocalSecretsManager } from '../index.ts';

const name = fc.constantFrom('one', 'two', 'three');
const id = fc.integer({ min: 0, max: 6 }).map((index) => `version-${index}`.padEnd(32, '.'));
const label = fc.constantFrom('AWSCURRENT', 'AWSPENDING', 'BLUE');
const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });

const call = fc.oneof(
  fc.tuple(fc.constant('CreateSecret'), fc.record({ Name: name, ClientRequestToken: id, Description: text })),
  fc.tuple(
    fc.constant('PutSecretValue'),
    fc.record({
      SecretId: name,
      ClientRequestToken: id,
      SecretString: text,
      VersionStages: fc.uniqueArray(label, { minLength: 1 }),
    }),
  ),
  fc.tuple(fc.constant('UpdateSecret'), fc.record({ SecretId: name, ClientRequestToken: id, SecretString: text })),
  fc.tuple(
    fc.constant('UpdateSecretVersionStage'),
    fc.record({ SecretId: name, VersionStage: label, MoveToVersionId: id, RemoveFromVersionId: id }),
  ),
  fc.tuple(
    fc.constant('RotateSecret'),
    fc.record({ SecretId: name, ClientRequestToken: id, RotationLambdaARN: fc.constant('nothing') }),
  ),
  fc.tuple(fc.constant('CancelRotateSecret'), fc.record({ SecretId: name })),
  fc.tuple(fc.constant('TagResource'), fc.record({ SecretId: name, Tags: fc.constant([{ Key: 'a', Value: 'b' }]) })),
  fc.tuple(fc.constant('UntagResource'), fc.record({ SecretId: name, TagKeys: fc.constant(['a']) })),
  fc.tuple(fc.constant('DeleteSecret'), fc.record({ SecretId: name, ForceDeleteWithoutRecovery: fc.boolean() })),
  fc.tuple(fc.constant('RestoreSecret'), fc.record({ SecretId: name })),
);

// Rotations that run are another test's: here they have ended before each look.
async function apply(raw: RawCall, clock: ManualClock, calls: readonly [string, object][]) {
  for (const [operation, input] of calls) await raw(operation, input);
  await clock.turn(0);
}

it('whatever was done, it is the same after a restart', { timeout: 120_000 }, async () => {
  const folder = dataFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(call, { maxLength: 15, size: 'max' }), { minLength: 1, maxLength: 3 }),
      async (parts) => {
        const clock = new ManualClock();
        const own = `${folder}-${run++}`;
        let before: unknown[] = [];
        for (const calls of parts) {
          const local = await LocalSecretsManager.open({ dataFolder: own, clock, rotation: { attempts: 1 } });
          try {
            const raw = rawCaller(local);
            expect(await snapshot(raw)).toEqual(before);
            local.registerFunction('nothing', () => undefined);
            await apply(raw, clock, calls);
            await snapshot(raw);
            before = await snapshot(raw);
          } finally {
            await local.close();
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});
