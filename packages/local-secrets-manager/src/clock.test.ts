import { expect, it } from 'vitest';
import { ManualClock, realClock } from './clock.ts';

it('a manual clock stands still, and wakes sleepers in their order', async () => {
  const clock = new ManualClock(0);
  const woken: string[] = [];
  const sleeps = [
    clock.sleep(20).then(() => woken.push('twenty')),
    clock.sleep(10).then(() => woken.push('ten')),
    clock.sleep(0).then(() => woken.push('none')),
  ];
  clock.advance(9);
  expect([clock.now(), clock.sleeping]).toEqual([9, 2]);
  clock.advance(11);
  await Promise.all(sleeps);
  expect(woken).toEqual(['none', 'ten', 'twenty']);
});

it.each([
  ['manual', new ManualClock()],
  ['real', realClock],
])('a sleep of the %s clock ends with the reason of its signal', async (_name, clock) => {
  const reason = new Error('enough');
  const abort = new AbortController();
  const slept = clock.sleep(1_000_000, abort.signal);
  abort.abort(reason);
  await expect(slept).rejects.toBe(reason);
  await expect(clock.sleep(1, abort.signal)).rejects.toBe(reason);
});

it("the real clock is the machine's", async () => {
  const before = Date.now();
  await realClock.sleep(0);
  const now = realClock.now();
  // The two are read from different sources, which differ by less than this.
  expect(Math.abs(now - before)).toBeLessThan(5000);
});
