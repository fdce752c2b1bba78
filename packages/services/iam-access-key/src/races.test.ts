import { type CredentialIssuer, issuedCredentials, RotationFunction } from '@keyturn/core';
import { recordError } from '@keyturn/engine-conformance';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MakeFunction } from '../testing/access-key-process.ts';
import { AccessKeyWorld } from '../testing/access-key-world.ts';
import { Stepped } from '../testing/interleaving.ts';

const seed = Number(process.env.KEYTURN_SEED ?? Date.now() % 2 ** 31);
const waits = { consistencyWaitMs: 20, propagationWaitMs: 20, env: {} };

const honest: MakeFunction = (issuer, client) => new RotationFunction(issuedCredentials(issuer), { client, ...waits });

/** Without the two looks: what is found in no version is deleted as if nobody could be at it. */
const withoutSecondLook: MakeFunction = (issuer, client) => {
  const hasty: CredentialIssuer = { ...issuer, setActive: async () => undefined };
  return honest(hasty, client);
};

/** Two processes that take the same steps with the same token, and the world they do it in. */
async function race(
  makeFunction: MakeFunction,
  steps: readonly string[],
  rotatedBefore: boolean,
  interleave: (one: Stepped, other: Stepped) => Promise<void>,
): Promise<{ faults: string[]; failures: unknown[]; inactiveForAMoment: boolean }> {
  const world = await AccessKeyWorld.make({ makeFunction, attempts: 2 });
  try {
    if (rotatedBefore) await world.rotate();
    await world.begin();
    const { token, secretId } = world;
    const both = [new Stepped(), new Stepped()] as const;
    for (const stepped of both) {
      const process = await world.newProcess({ onPoint: stepped.onPoint });
      await stepped.start(async () => {
        for (const Step of steps) {
          await process.invoke({ Step, SecretId: secretId, ClientRequestToken: token, RotationToken: 'r'.repeat(40) });
        }
      });
    }
    await interleave(...both);
    for (const stepped of both) await stepped.stepToTheEnd();
    // It may be so for the moment between the two looks of another process. It must not stay so.
    const inactiveForAMoment = world.lost.delete('AWSCURRENT is inactive');
    await world.look();
    await world.rotate();
    for (const { failure } of both) recordError(failure);
    return { faults: await world.faults(), failures: both.map(({ failure }) => failure), inactiveForAMoment };
  } finally {
    await world.close();
  }
}

const wholeRotation = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/** Whose turn it is, and for how many calls: long turns are the stalls of the other one. */
const turns = fc.record({ first: fc.boolean(), calls: fc.integer({ min: 1, max: 12 }) });

/** One has made a key and not stored it; the other takes it for left behind, and stops right before it deletes it. */
async function oneDeletesWhatTheOtherPromotes(one: Stepped, other: Stepped): Promise<void> {
  await other.stepUntil('ListAccessKeys 1');
  await one.stepUntil('PutSecretValue 1');
  await other.stepUntil('DeleteAccessKey 1');
  await one.stepToTheEnd();
}

test('a key that another process has made and not yet stored is never deleted once it is in use', async () => {
  const { faults, failures } = await race(honest, wholeRotation, false, oneDeletesWhatTheOtherPromotes);
  expect(faults).toEqual([]);
  // It lost its key before it could promote it, and said so.
  expect(failures[0]).toMatchObject({ code: 'credential-unknown', step: 'setSecret' });
});

test('the control: without the second look, the key in use is deleted', async () => {
  const { faults } = await race(withoutSecondLook, wholeRotation, false, oneDeletesWhatTheOtherPromotes);
  expect(faults).toContain('AWSCURRENT does not work');
});

test('a key that was promoted between the two looks is brought back, and the rotation is over', async () => {
  const { faults, failures } = await race(honest, wholeRotation, false, async (one, other) => {
    await other.stepUntil('ListAccessKeys 1');
    await one.stepUntil('PutSecretValue 1');
    await other.stepUntil('UpdateAccessKey 1');
    await one.stepUntil('DescribeSecret 2');
    // Stored and proven, not promoted: from here on one would not ask again whether its key works.
    await other.stepToTheEnd();
  });
  expect(faults).toEqual([]);
  expect(failures).toEqual([undefined, undefined]);
});

test('a key that is promoted while it is inactive is brought back as soon as that is seen', async () => {
  const { faults, failures, inactiveForAMoment } = await race(honest, wholeRotation, false, async (one, other) => {
    await other.stepUntil('ListAccessKeys 1');
    await one.stepUntil('PutSecretValue 1');
    await other.stepUntil('UpdateAccessKey 1');
    await one.stepUntil('UpdateSecretVersionStage 1');
    await other.step();
    await one.stepToTheEnd();
  });
  expect({ faults, failures, inactiveForAMoment }).toEqual({
    faults: [],
    failures: [undefined, undefined],
    inactiveForAMoment: true,
  });
});

test.each([
  ['two createSecret', ['createSecret'], 30],
  ['two whole rotations', wholeRotation, 60],
])(
  '%s at once, in any order of their calls: no key in use is deleted, and the next rotation completes',
  {
    timeout: 120_000,
  },
  async (name, steps, runs) => {
    const outcomes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(turns, { maxLength: 20 }), async (rotatedBefore, order) => {
        const { faults, failures } = await race(honest, steps, rotatedBefore, async (one, other) => {
          for (const { first, calls } of order) {
            for (let call = 0; call < calls; call += 1) await (first ? one : other).step();
          }
        });
        const outcome = failures
          .map((failure) => (failure as { code?: string } | undefined)?.code ?? 'succeeded')
          .join(', ');
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        expect(faults).toEqual([]);
      }),
      { seed, numRuns: runs },
    );
    console.log(`${name}, seed ${seed}:`, Object.fromEntries(outcomes));
  },
);
