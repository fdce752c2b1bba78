import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, makeAuthority } from '../certificates.ts';
import type { DatabaseService, RunningService, ServerCertificate } from '../service.ts';
import { recordOutput } from '../taint/taint-record.ts';
import { dealt } from './dealt.ts';
import type { CrashMatrixForm } from './forms.ts';
import { type Crash, type CrashPoint, crashesAt } from './points.ts';
import { type Recovery, recoveries } from './recoveries.ts';
import type { MakeFunction } from './rotation-process.ts';
import { RotationWorld, type WorldOptions } from './rotation-world.ts';

/**
 * How much of it: `all` is every crash with every recovery, for a first and for a later rotation; `half` every crash
 * with two of the recoveries in each; `each` every point once, calls in turn in a first and in a later rotation,
 * with the recoveries dealt out.
 */
export type CrashMatrixExtent = 'all' | 'half' | 'each';

/** What happened at one crash. */
interface Held {
  readonly crash: Crash;
  /** The name of what followed. */
  readonly recovery: string;
  readonly faults: readonly string[];
}

/**
 * Declares the crash matrix of an engine: for every call of a rotation, as a run without a fault records
 * them, the process killed and the connection dropped, before and after; then each recovery. Every one
 * must end with AWSCURRENT logging in, and at no moment may the database have a password that no version holds.
 */
export function describeCrashMatrix(
  service: DatabaseService,
  forms: readonly CrashMatrixForm[],
  { extent = 'all' }: { readonly extent?: CrashMatrixExtent } = {},
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
    }, 300_000);
    afterAll(async () => {
      console.table(tried);
      if (running !== undefined) {
        recordOutput(running.log());
        await running.stop();
      }
    });

    const declare = (
      name: string,
      form: CrashMatrixForm,
      least: number,
      play: (surroundings: Surroundings, makeFunction: MakeFunction) => Promise<readonly Held[]>,
    ) =>
      test(name, { timeout: 600_000 }, async () => {
        const { promise } = form;
        const results = await play(
          { service: running, ...wayTo(service), certificate, promise },
          form.makeFunction(authority),
        );
        const broken = results.filter(({ faults }) => faults.length > 0);
        tried[name] = { tried: results.length, held: results.length - broken.length };
        expect(results.length).toBeGreaterThan(least);
        expect(broken).toEqual([]);
      });

    for (const form of forms) {
      for (const rotation of ['first', 'later'] as const) {
        const named = `${form.name}, ${rotation} rotation`;
        if (extent === 'each') {
          declare(`${named}: every other call once`, form, 10, (surroundings, makeFunction) =>
            runEach(surroundings, makeFunction, rotation),
          );
          continue;
        }
        for (const [i, recovery] of recoveries.entries()) {
          // Every recovery once, half of them with a first rotation and half with a later one.
          if (extent === 'half' && i % 2 === (rotation === 'first' ? 1 : 0)) continue;
          declare(`${named}: ${recovery.name}`, form, 40, (surroundings, makeFunction) =>
            runMatrix(surroundings, makeFunction, rotation, recovery),
          );
        }
      }
    }
  });
}

type Surroundings = Pick<WorldOptions, 'service' | 'protocol' | 'startTap' | 'speaksTls' | 'certificate' | 'promise'>;

/** How the driver and the server talk. */
function wayTo({
  protocol,
  startTap,
  speaksTls,
}: DatabaseService): Pick<WorldOptions, 'protocol' | 'startTap' | 'speaksTls'> {
  return { protocol, startTap, speaksTls };
}

/** Which rotation of a secret's life it is: the first, or one that finds what another has left. */
type WhichRotation = 'first' | 'later';

const notReached = 'the point was not reached';

/** In how many more worlds a point is looked for. */
const otherOrders = 10;

/** Runs every crash of a rotation that a run without a fault records, with one recovery. */
export async function runMatrix(
  surroundings: Surroundings,
  makeFunction: MakeFunction,
  rotation: WhichRotation,
  recovery: Recovery,
): Promise<Held[]> {
  const points = await recordPoints({ ...surroundings, makeFunction, attempts: 1 }, rotation);
  const results: Held[] = [];
  for (const crash of crashesAt(points)) {
    results.push(await runUntilReached({ ...surroundings, makeFunction }, rotation, crash, recovery));
  }
  return results;
}

/** Runs one crash at every point, each with one recovery. */
async function runEach(
  surroundings: Surroundings,
  makeFunction: MakeFunction,
  rotation: WhichRotation,
): Promise<Held[]> {
  const points = await recordPoints({ ...surroundings, makeFunction, attempts: 1 }, rotation);
  const results: Held[] = [];
  for (const { crash, recovery } of dealt(points, rotation)) {
    results.push(await runUntilReached({ ...surroundings, makeFunction }, rotation, crash, recovery));
  }
  return results;
}

async function runUntilReached(
  options: Omit<WorldOptions, 'attempts'>,
  rotation: WhichRotation,
  crash: Crash,
  recovery: Recovery,
): Promise<Held> {
  const all = { ...options, attempts: recovery.attempts };
  let faults = await runCrash(all, rotation, crash, recovery);
  // Connections are named by the order in which they come, and two that are opened at once come in either
  // order: such a point may not be met in this world, and is looked for in another one.
  for (let more = 0; more < otherOrders && faults.includes(notReached); more += 1) {
    faults = await runCrash(all, rotation, crash, recovery);
  }
  return { crash, recovery: recovery.name, faults };
}

async function recordPoints(options: WorldOptions, rotation: WhichRotation): Promise<readonly CrashPoint[]> {
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
  rotation: WhichRotation,
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
