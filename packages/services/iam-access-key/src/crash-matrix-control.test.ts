import { type CredentialIssuer, issuedCredentials, type Rotation, RotationFunction } from '@keyturn/core';
import { expect, test } from 'vitest';
import type { MakeFunction } from '../testing/access-key-process.ts';
import { recordPoints, recoveries, runMatrix } from '../testing/crash-matrix.ts';

const settings = { consistencyWaitMs: 100, propagationWaitMs: 100, env: {} };
const [sameToken] = recoveries;
if (sameToken === undefined) throw new Error('there is no such recovery');

/** The function with another issuer in the place of the honest one. */
function withIssuer(change: (issuer: CredentialIssuer) => Partial<CredentialIssuer>): MakeFunction {
  return (issuer, client) =>
    new RotationFunction(issuedCredentials({ ...issuer, ...change(issuer) }), { client, ...settings });
}

/** A function that makes a key before it looks whether this rotation has one. */
class CreatesFirst extends RotationFunction {
  protected override createSecret(rotation: Rotation): Promise<void> {
    rotation.versions.read = async () => undefined;
    return super.createSecret(rotation);
  }
}

async function brokenBy(makeFunction: MakeFunction, fault: string): Promise<{ broken: number; held: number }> {
  const results = await runMatrix(makeFunction, 'first', sameToken as NonNullable<typeof sameToken>);
  const broken = results.filter(({ faults }) => faults.some((each) => each.includes(fault)));
  console.log(`${fault}: ${broken.length} of ${results.length} points`);
  return { broken: broken.length, held: results.length - broken.length };
}

test('a function that makes a key before it looks for its own is found', { timeout: 60_000 }, async () => {
  const creating: MakeFunction = (issuer, client) =>
    new CreatesFirst(issuedCredentials(issuer), { client, ...settings });
  const { broken, held } = await brokenBy(creating, 'the last rotation failed');
  expect(broken).toBeGreaterThan(0);
  // Where nothing was stored before the crash, there is nothing to look for.
  expect(held).toBeGreaterThan(0);
});

test('a function that does not look for keys left behind is found', { timeout: 60_000 }, async () => {
  const blind = withIssuer((issuer) => ({
    list: async (owner, signal) => (await issuer.list(owner, signal)).slice(0, 1),
  }));
  // It sees no second key, its own neither: setSecret fails even without a crash.
  await expect(recordPoints(blind, 'first')).rejects.toThrow('the last rotation failed');
  const cannotDelete = withIssuer(() => ({ delete: async () => undefined }));
  const { broken, held } = await brokenBy(cannotDelete, 'the last rotation failed');
  expect(broken).toBeGreaterThan(0);
  expect(held).toBeGreaterThan(0);
});

test('a function that deletes the key in use is found, without a crash', { timeout: 60_000 }, async () => {
  const wrong = withIssuer((issuer) => ({
    delete: async (owner, id, signal) => {
      const other = (await issuer.list(owner, signal)).find((each) => each.id !== id);
      await issuer.delete(owner, other?.id ?? id, signal);
    },
  }));
  await expect(recordPoints(wrong, 'later')).rejects.toThrow('AWSCURRENT does not work');
});
