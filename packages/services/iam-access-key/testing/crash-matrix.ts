import {
  type Crash,
  type CrashPoint,
  crashesAt,
  type RecoveringWorld,
  type Recovery,
  recoveries,
} from '@keyturn/engine-conformance/suite';
import type { MakeFunction } from './access-key-process.ts';
import { AccessKeyWorld } from './access-key-world.ts';

export { type Recovery, recoveries };

/**
 * The rotation that meets the crash: the user's first; a later one, which ends the previous key; or one that
 * finds a key whose process died before it was stored.
 */
export type Kind = 'first' | 'later' | 'orphan-finding';

/** What happened at one crash. */
export interface Held {
  readonly crash: Crash;
  readonly faults: readonly string[];
}

/** How many worlds live at a time: most of their time they wait for the SDK's pauses between its tries. */
const atOnce = 16;

/** Runs every crash of a rotation that a run without a fault records, with one recovery. */
export async function runMatrix(makeFunction: MakeFunction, kind: Kind, recovery: Recovery): Promise<Held[]> {
  const crashes = crashesAt(await recordPoints(makeFunction, kind));
  const results: Held[] = [];
  const waiting = crashes.values();
  const worker = async () => {
    for (const crash of waiting) {
      results.push({ crash, faults: await runCrash(makeFunction, kind, crash, recovery) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/** The points of a rotation without a fault. @throws Error if it is not as it should be, even so */
export async function recordPoints(makeFunction: MakeFunction, kind: Kind): Promise<CrashPoint[]> {
  const world = await AccessKeyWorld.make({ makeFunction });
  try {
    await prepare(world, kind);
    await world.restart();
    await world.rotate();
    const faults = await world.faults();
    if (faults.length > 0) throw new Error(`a rotation without a fault failed: ${faults.join('; ')}`);
    const end =
      kind === 'orphan-finding' ? world.points.findIndex(({ name }) => name === 'PutSecretValue 1') : undefined;
    // What follows createSecret is as in a first rotation.
    return world.points.slice(0, end);
  } finally {
    await world.close();
  }
}

async function runCrash(makeFunction: MakeFunction, kind: Kind, crash: Crash, recovery: Recovery): Promise<string[]> {
  const world = await AccessKeyWorld.make({ makeFunction, attempts: recovery.attempts });
  const recovered: RecoveringWorld = {
    rotate: () => world.rotate(),
    secret: {
      takePendingOff: () => world.takePendingOff(),
      cancelRotation: () => world.cancelRotation(),
      changeAnotherKey: () => world.changeAnotherKey(),
    },
  };
  try {
    await prepare(world, kind);
    await world.restart(crash, async () => recovery.meanwhile?.(recovered));
    await world.rotate();
    const reached = world.crashed ? [] : ['the point was not reached'];
    await recovery.afterwards?.(recovered);
    const note = recovery.meanwhile === undefined ? {} : { note: 'changed' };
    return [...reached, ...(await world.faults(note))];
  } finally {
    await world.close();
  }
}

async function prepare(world: AccessKeyWorld, kind: Kind): Promise<void> {
  if (kind === 'later') await world.rotate();
  if (kind === 'orphan-finding') world.account.addKey(world.user);
}
