import type { Crash, CrashPoint } from './points.ts';
import { type Recovery, recoveries } from './recoveries.ts';

/**
 * One crash for each point. Calls take the recoveries in turn, so that each is met by a quarter of the crashes, and
 * the moments before and after a call are met by a killed process and a dropped connection in turn. A later rotation
 * takes the other kind and the next recovery at each point.
 */
export function dealt(
  points: readonly CrashPoint[],
  rotation: 'first' | 'later',
): readonly { readonly crash: Crash; readonly recovery: Recovery }[] {
  const shift = rotation === 'first' ? 0 : 1;
  return points.map((point, i) => {
    const call = Math.floor(i / 2);
    const kind = (i + Math.floor(call / recoveries.length) + shift) % 2 === 0 ? 'killed' : 'dropped';
    const recovery = recoveries[(call + shift) % recoveries.length];
    if (recovery === undefined) throw new Error('there is no recovery');
    return { crash: { point, kind }, recovery };
  });
}
