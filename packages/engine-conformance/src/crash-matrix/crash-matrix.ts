import {
  alternatingUsers,
  type Engine,
  multiCredential,
  RotationFunction,
  type Strategy,
  singleUser,
} from '@keyturn/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, makeAuthority } from '../certificates.ts';
import type { DatabaseService, RunningService, ServerCertificate } from '../service.ts';
import { recordOutput } from '../taint/taint-record.ts';
import { type Crash, type CrashPoint, crashesAt } from './points.ts';
import { type Recovery, recoveries } from './recoveries.ts';
import type { MakeFunction } from './rotation-process.ts';
import { RotationWorld, type WorldOptions, type WorldPromise } from './rotation-world.ts';

/** A way to rotate that the matrix is run for. */
export interface CrashMatrixForm {
  readonly name: string;
  /** Makes the function under test for one process. */
  readonly makeFunction: (authority: Authority) => MakeFunction;
  /** What the strategy promises of the credential in use while another is being made. */
  readonly promise: WorldPromise;
}

/** What happened at one crash. */
interface Held {
  readonly crash: Crash;
  readonly faults: readonly string[];
}

/** The forms of the single-user strategy, for one engine. */
export function singleUserForms<C>(engine: Engine<C>): CrashMatrixForm[] {
  return (['user', 'master'] as const).map((changedBy) => ({
    name: `single user, changed by the ${changedBy}`,
    makeFunction: functionOf(() => singleUser(engine, { changedBy })),
    promise: engine.overlap === undefined ? 'some version works' : 'AWSCURRENT works',
  }));
}

/** The form of the strategy with two users, for one engine. */
export function alternatingUsersForms<C>(engine: Engine<C>): CrashMatrixForm[] {
  return [
    {
      name: 'alternating users',
      makeFunction: functionOf(() => alternatingUsers(engine)),
      promise: 'AWSCURRENT works, and both users may do the same',
    },
  ];
}

/** The forms of the strategy with two passwords for one user. */
export function multiCredentialForms<C>(
  engine: Engine<C> & Required<Pick<Engine<C>, 'overlap'>>,
  changers: readonly ('user' | 'master')[],
): CrashMatrixForm[] {
  return changers.map((changedBy) => ({
    name: `multi-credential, changed by the ${changedBy}`,
    makeFunction: functionOf(() => multiCredential(engine, { changedBy })),
    promise: 'AWSCURRENT works',
  }));
}

function functionOf(strategy: () => Strategy): CrashMatrixForm['makeFunction'] {
  return (authority) => (client) =>
    new RotationFunction(strategy(), {
      client,
      tls: { ca: authority.certificate },
      // Nothing here is eventually consistent: what is not there will not come.
      consistencyWaitMs: 200,
      env: {},
    });
}

/**
 * Declares the crash matrix of an engine: for every call of a rotation, as a run without a fault records
 * them, the process killed and the connection dropped, before and after; then each recovery. Every one
 * must end with AWSCURRENT logging in, and at no moment may the database have a password that no version holds.
 */
export function describeCrashMatrix(
  service: DatabaseService,
  forms: readonly CrashMatrixForm[],
  { extent = 'all' }: { readonly extent?: 'all' | 'half' } = {},
): void {
  describe(`crash matrix, ${service.engine} ${service.version}`, () => {
    let running: RunningService;
    let authority: Authority;
    let certificate: ServerCertificate;
    const tried: Record<string, { tried: number; held: number }> = {};

    beforeAll(async () => {
      await service.prepare();
      authority = makeAuthority('Crash matrix');
      certificate = authority.sign();
      running = await service.start();
    });
    afterAll(async () => {
      console.table(tried);
      if (running !== undefined) {
        recordOutput(running.log());
        await running.stop();
      }
    });

    for (const form of forms) {
      for (const rotation of ['first', 'later'] as const) {
        for (const [i, recovery] of recoveries.entries()) {
          // Every recovery once, half of them with a first rotation and half with a later one.
          if (extent === 'half' && i % 2 === (rotation === 'first' ? 1 : 0)) continue;
          const name = `${form.name}, ${rotation} rotation: ${recovery.name}`;
          test(name, { timeout: 600_000 }, async () => {
            const { promise } = form;
            const options = { service: running, protocol: service.protocol, certificate, promise };
            const results = await runMatrix(options, form.makeFunction(authority), rotation, recovery);
            const broken = results.filter(({ faults }) => faults.length > 0);
            tried[name] = { tried: results.length, held: results.length - broken.length };
            expect(results.length).toBeGreaterThan(40);
            expect(broken).toEqual([]);
          });
        }
      }
    }
  });
}

type Surroundings = Pick<WorldOptions, 'service' | 'protocol' | 'certificate' | 'promise'>;

const notReached = 'the point was not reached';

/** In how many more worlds a point is looked for. */
const otherOrders = 10;

/** Runs every crash of a rotation that a run without a fault records, with one recovery. */
export async function runMatrix(
  surroundings: Surroundings,
  makeFunction: MakeFunction,
  rotation: 'first' | 'later',
  recovery: Recovery,
): Promise<Held[]> {
  const points = await recordPoints({ ...surroundings, makeFunction, attempts: 1 }, rotation);
  const results: Held[] = [];
  for (const crash of crashesAt(points)) {
    const options = { ...surroundings, makeFunction, attempts: recovery.attempts };
    let faults = await runCrash(options, rotation, crash, recovery);
    // Connections are named by the order in which they come, and two that are opened at once come in either
    // order: such a point may not be met in this world, and is looked for in another one.
    for (let more = 0; more < otherOrders && faults.includes(notReached); more += 1) {
      faults = await runCrash(options, rotation, crash, recovery);
    }
    results.push({ crash, faults });
  }
  return results;
}

async function recordPoints(options: WorldOptions, rotation: 'first' | 'later'): Promise<readonly CrashPoint[]> {
  const world = await RotationWorld.make(options);
  try {
    if (rotation === 'later') await world.rotateAndChangeRights();
    world.restart();
    await world.rotate();
    expect(await world.faults({})).toEqual([]);
    return [...world.points];
  } finally {
    await world.close();
  }
}

async function runCrash(
  options: WorldOptions,
  rotation: 'first' | 'later',
  crash: Crash,
  recovery: Recovery,
): Promise<string[]> {
  const lost = new Set<string>();
  const world = await RotationWorld.make({
    ...options,
    onChange: async (changed) => {
      const broken = await changed.brokenPromise();
      if (broken !== undefined) lost.add(broken);
    },
  });
  try {
    if (rotation === 'later') await world.rotateAndChangeRights();
    world.restart(crash, async () => recovery.meanwhile?.(world));
    await world.rotate();
    const reached = world.crashed ? [] : [notReached];
    await recovery.afterwards?.(world);
    const note = recovery.meanwhile === undefined ? {} : { note: 'changed' };
    return [...reached, ...lost, ...(await world.faults(note))];
  } finally {
    await world.close();
  }
}
