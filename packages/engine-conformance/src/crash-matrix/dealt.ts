import type { Crash, CrashPoint } from './points.ts';
import { type Recovery, recoveries } from './recoveries.ts';

/**
 * One crash for each point, of every other call in a first rotation, and of the others in a later one. Calls take the
 * recoveries in turn, so that each is met by a quarter of the crashes, and the moments before and after a call are met
 * by a killed process and a dropped connection in turn.
 */
export function dealt(
  points: readonly CrashPoint[],
  rotation: 'first' | 'later',
): readonly { readonly crash: Crash; readonly recovery: Recovery }[] {
  const shift = rotation === 'first' ? 0 : 1;
  return points.flatMap((point, i) => {
    const call = Math.floor(i / 2);
    if (call % 2 !== shift) return [];
    const turn = Math.floor(call / 2);
    const kind = (i + Math.floor(turn / recoveries.length) + shift) % 2 === 0 ? 'killed' : 'dropped';
    const recovery = recoveries[(turn + shift) % recoveries.length];
    if (recovery === undefined) throw new Error('there is no recovery');
    return [{ crash: { point, kind }, recovery }];
  });
}
