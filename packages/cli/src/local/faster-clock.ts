import { type Clock, realClock } from '@keyturn/local-secrets-manager';

// What Node's timers can wait at once.
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * A clock that starts at another time and may go at another speed.
 * @param start milliseconds since 1970
 * @param speed how many of its seconds pass in one
 */
export function fasterClock(start: number, speed: number, real: Clock = realClock): Clock {
  const begun = real.now();
  const inPieces = async (ms: number, wait: (ms: number) => Promise<void>): Promise<void> => {
    for (let left = ms / speed; left > 0; left -= LONGEST_WAIT_MS) await wait(Math.min(left, LONGEST_WAIT_MS));
  };
  return {
    now: () => start + (real.now() - begun) * speed,
    sleep: (ms, signal) => inPieces(ms, (piece) => real.sleep(piece, signal)),
    doze: (ms, signal) => inPieces(ms, (piece) => real.doze?.(piece, signal) ?? real.sleep(piece, signal)),
  };
}
