import type { RotationEntry } from '../timeline/entries.ts';
import type { Timeline } from '../timeline/timeline.ts';

/** The rotation events from now on, one after the other, until the signal aborts or the reader stops. */
export function rotationEvents(timeline: Timeline, signal: AbortSignal): AsyncGenerator<RotationEntry, void> {
  const waiting: RotationEntry[] = [];
  let wake = Promise.withResolvers<void>();
  const end = timeline.subscribe((entry) => {
    if (entry.kind !== 'rotation') return;
    waiting.push(entry as RotationEntry);
    wake.resolve();
  });
  const abort = (): void => {
    end();
    wake.resolve();
  };
  signal.addEventListener('abort', abort, { once: true });
  // Listening has begun by now: what happens before the first is asked for is not missed.
  return (async function* events() {
    try {
      while (!signal.aborted) {
        for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) yield entry;
        if (signal.aborted) return;
        await wake.promise;
        wake = Promise.withResolvers();
      }
    } finally {
      signal.removeEventListener('abort', abort);
      end();
    }
  })();
}
