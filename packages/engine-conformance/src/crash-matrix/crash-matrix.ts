import type { Engine } from '@keyturn/core';
import { RotationFunction, singleUser } from '@keyturn/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, makeAuthority } from '../certificates.ts';
import type { DatabaseService, RunningService, ServerCertificate } from '../service.ts';
import { recordOutput } from '../taint/taint-record.ts';
import { type Crash, type CrashPoint, crashesAt } from './points.ts';
import { type Recovery, recoveries } from './recoveries.ts';
import type { MakeFunction } from './rotation-process.ts';
import { RotationWorld, type WorldOptions } from './rotation-world.ts';

/** A way to rotate that the matrix is run for. */
export interface CrashMatrixForm {
  readonly name: string;
  /** Makes the function under test for one process. */
  readonly makeFunction: (authority: Authority) => MakeFunction;
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
    makeFunction: (authority) => (client) =>
      new RotationFunction(singleUser(engine, { changedBy }), {
        client,
        tls: { ca: authority.certificate },
        // Nothing here is eventually consistent: what is not there will not come.
        consistencyWaitMs: 200,
        env: {},
      }),
  }));
}

/**
 * Declares the crash matrix of an engine: for every call of a rotation, as a run without a fault records
 * them, the process killed and the connection dropped, before and after; then each recovery. Every one
 * must end with AWSCURRENT logging in, and at no moment may the database have a password that no version holds.
 */
export function describeCrashMatrix(service: DatabaseService, forms: readonly CrashMatrixForm[]): void {
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
        for (const recovery of recoveries) {
          const name = `${form.name}, ${rotation} rotation: ${recovery.name}`;
          test(name, { timeout: 600_000 }, async () => {
            const options = { service: running, protocol: service.protocol, certificate };
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

type Surroundings = Pick<WorldOptions, 'service' | 'protocol' | 'certificate'>;

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
    results.push({ crash, faults: await runCrash(options, rotation, crash, recovery) });
  }
  return results;
}

async function recordPoints(options: WorldOptions, rotation: 'first' | 'later'): Promise<readonly CrashPoint[]> {
  const world = await RotationWorld.make(options);
  try {
    if (rotation === 'later') await world.rotate();
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
  const lost: string[] = [];
  const world = await RotationWorld.make({
    ...options,
    onChange: async (changed) => {
      if (!(await changed.someVersionWorks()))
        lost.push('no version that can be read has the password of the database');
    },
  });
  try {
    if (rotation === 'later') await world.rotate();
    world.restart(crash, async () => recovery.meanwhile?.(world));
    await world.rotate();
    const reached = world.crashed ? [] : ['the point was not reached'];
    await recovery.afterwards?.(world);
    const note = recovery.meanwhile === undefined ? {} : { note: 'changed' };
    return [...reached, ...lost, ...(await world.faults(note))];
  } finally {
    await world.close();
  }
}
