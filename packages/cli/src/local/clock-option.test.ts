import { ManualClock } from '@keyturn/local-secrets-manager';
import { expect, it } from 'vitest';
import { WrongUsage } from '../errors.ts';
import { readClock } from './clock-option.ts';
import { fasterClock } from './faster-clock.ts';

it('without the option, the time is that of the machine', () => {
  expect(Math.abs(readClock(undefined).now() - Date.now())).toBeLessThan(1000);
});

it.each(['2030-01-01', '2030-01-01T00:00Z', '2030-01-01T00:00:00Z', 'x1,2030-01-01T02:00:00+02:00'])(
  '%s starts then',
  (text) => {
    expect(readClock(text).now() - Date.UTC(2030, 0, 1)).toBeLessThan(1000);
  },
);

it('a minute passes in a second at x60', () => {
  const real = new ManualClock(0);
  const clock = fasterClock(Date.UTC(2030, 0, 1), 60, real);
  real.advance(1000);
  expect(clock.now()).toBe(Date.UTC(2030, 0, 1, 0, 1));
});

it('a sleep ends when its time has come at that speed, however long it is', async () => {
  const real = new ManualClock(0);
  const clock = fasterClock(0, 2, real);
  const days = 100 * 24 * 60 * 60 * 1000;
  let isOver = false;
  const slept = clock.sleep(days).then(() => {
    isOver = true;
  });
  await real.turn(days / 2 - 1);
  expect(isOver).toBe(false);
  await real.turn(1);
  await slept;
});

it('a sleep that is broken off rejects with the reason', async () => {
  const broken = new AbortController();
  const slept = fasterClock(0, 2, new ManualClock(0)).sleep(1000, broken.signal);
  broken.abort(new Error('enough'));
  await expect(slept).rejects.toThrow('enough');
});

it.each([
  '',
  'x0',
  'x-1',
  'x',
  '60',
  'tomorrow',
  '2030-13-01',
  '2030-01-01T00:00:00',
  'x2,x3',
  '2030-01-01,2031-01-01',
  'x2,',
])('"%s" is refused', (text) => {
  expect(() => readClock(text)).toThrow(WrongUsage);
});
