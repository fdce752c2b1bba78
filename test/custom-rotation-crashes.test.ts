import { randomUUID } from 'node:crypto';
import type { Rotation } from '@keyturn/core';
import { recordSecret } from '@keyturn/engine-conformance';
import { type Crash, type CrashPoint, crashesAt, type Recovery, recoveries } from '@keyturn/engine-conformance/suite';
import { afterAll, describe, expect, test } from 'vitest';
import { FakeApi } from '../examples/http-api-password/fake-api.ts';
import { HttpApiPassword } from '../examples/http-api-password/handler.ts';
import { CustomWorld, type MakeFunction } from './custom-rotation-world.ts';

const settings = { consistencyWaitMs: 200, env: {} };

const asShown: MakeFunction = (client) => new HttpApiPassword({ client, ...settings });

/** The same with a step of its own that changes the password with AWSCURRENT and looks for no other. */
class WithoutSearch extends HttpApiPassword {
  protected override async setSecret(rotation: Rotation): Promise<void> {
    const [current, pending] = [await rotation.versions.current(), await rotation.versions.pendingWithValue()];
    const read = ({ text = '{}' }: { text?: string | undefined }) => this.parseSecret(JSON.parse(text));
    await this.changeCredential(read(current), read(pending), rotation);
  }
}

async function inWorld<T>(
  makeFunction: MakeFunction,
  attempts: number,
  work: (world: CustomWorld, api: FakeApi) => Promise<T>,
): Promise<T> {
  const api = new FakeApi();
  await api.start();
  const password = randomUUID();
  api.passwords.set('app', password);
  const secret = { url: api.url, username: 'app', password, kept: 'as it is' };
  const world = await CustomWorld.make(makeFunction, secret, attempts);
  api.onRequest = world.atRequest;
  try {
    return await work(world, api);
  } finally {
    for (const version of await world.secret.retrievable()) recordSecret(version.password);
    await world.close();
    await api.stop();
  }
}

/** What is wrong at the end; empty where AWSCURRENT works, nothing else was lost, and the rotation succeeded. */
async function faultsOf(world: CustomWorld, api: FakeApi, recovery?: Recovery): Promise<string[]> {
  const current = await world.secret.current();
  const retrievable = await world.secret.retrievable();
  const note = recovery?.meanwhile === undefined ? undefined : 'changed';
  return [
    world.failure,
    current.password === api.passwords.get('app') ? undefined : 'AWSCURRENT does not work',
    retrievable.some(({ password }) => password === api.passwords.get('app')) ? undefined : 'the password is lost',
    current.kept === 'as it is' && current.note === note ? undefined : 'another key was lost',
  ].filter((fault) => fault !== undefined);
}

function recordPoints(makeFunction: MakeFunction, before: number): Promise<readonly CrashPoint[]> {
  return inWorld(makeFunction, 1, async (world, api) => {
    for (let i = 0; i < before; i += 1) await world.rotate();
    world.restart();
    await world.rotate();
    expect(await faultsOf(world, api)).toEqual([]);
    return [...world.points];
  });
}

function faultsAfter(makeFunction: MakeFunction, before: number, crash: Crash, recovery: Recovery): Promise<string[]> {
  return inWorld(makeFunction, recovery.attempts, async (world, api) => {
    for (let i = 0; i < before; i += 1) await world.rotate();
    const recovering = { secret: world.secret, rotate: () => world.rotate() };
    const lost: string[] = [];
    let met = false;
    world.restart(crash, async () => {
      met = true;
      const held = (await world.secret.retrievable()).some(({ password }) => password === api.passwords.get('app'));
      if (!held) lost.push('no version held the password at the moment of the crash');
      await recovery.meanwhile?.(recovering);
    });
    await world.rotate();
    const reached = met ? [] : ['the point was not reached'];
    await recovery.afterwards?.(recovering);
    return [...reached, ...lost, ...(await faultsOf(world, api, recovery))];
  });
}

/** How many worlds live at a time: most of their time they wait for the SDK's pauses between its tries. */
const atOnce = 8;

async function runMatrix(makeFunction: MakeFunction, before: number, recovery: Recovery) {
  const crashes = crashesAt(await recordPoints(makeFunction, before));
  const results: { crash: Crash; faults: string[] }[] = [];
  const waiting = crashes.values();
  const worker = async () => {
    for (const crash of waiting)
      results.push({ crash, faults: await faultsAfter(makeFunction, before, crash, recovery) });
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

describe('crash matrix, the HTTP API with a password', () => {
  const tried: Record<string, { tried: number; held: number }> = {};
  afterAll(() => console.table(tried));

  for (const before of [0, 1]) {
    for (const recovery of recoveries) {
      const name = `rotation ${before + 1}: ${recovery.name}`;
      test(name, { timeout: 120_000 }, async () => {
        const results = await runMatrix(asShown, before, recovery);
        const broken = results.filter(({ faults }) => faults.length > 0);
        tried[name] = { tried: results.length, held: results.length - broken.length };
        expect(broken).toEqual([]);
        // 8 calls of Secrets Manager and 3 of the API, before and after, killed and dropped.
        expect(results.length).toBe(44);
      });
    }
  }

  test('the control: a setSecret that looks for no other password than AWSCURRENT’s does not come through', async () => {
    const makeFunction: MakeFunction = (client) => new WithoutSearch({ client, ...settings });
    const [, takenOff] = recoveries;
    if (takenOff === undefined) throw new Error('there is no such recovery');
    const crash = { point: { name: 'PUT 1', moment: 'after' }, kind: 'killed' } as const;
    expect(await faultsAfter(makeFunction, 0, crash, takenOff)).toContain('AWSCURRENT does not work');
    expect(await faultsAfter(asShown, 0, crash, takenOff)).toEqual([]);
  });
});
