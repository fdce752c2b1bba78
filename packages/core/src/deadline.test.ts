import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadline } from './deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('ends a second before Lambda does, so that there is time to say why', () => {
  const deadline = new Deadline(30_000);
  expect(deadline.remainingMs()).toBe(29_000);
  expect(deadline.atMost(5_000)).toBe(5_000);
  vi.advanceTimersByTime(27_000);
  expect(deadline.atMost(5_000)).toBe(2_000);
  expect(deadline.signal.aborted).toBe(false);
  vi.advanceTimersByTime(2_000);
  expect(deadline.signal.aborted).toBe(true);
  expect(deadline.remainingMs()).toBe(0);
});

test('a short invocation keeps four fifths of its time', () => {
  expect(new Deadline(1_000).remainingMs()).toBe(800);
});

test('nothing begins when the time is used up', () => {
  const deadline = new Deadline(3_000);
  expect(() => deadline.check('call DescribeSecret')).not.toThrow();
  vi.advanceTimersByTime(2_400);
  expect(() => deadline.check('call DescribeSecret')).toThrowError(
    expect.objectContaining({ code: 'deadline-exceeded', message: expect.stringContaining('call DescribeSecret') }),
  );
});

test('a pause that would outlast the time is not begun', async () => {
  const deadline = new Deadline(3_000);
  await expect(deadline.sleep(2_400, 'wait for it')).rejects.toMatchObject({ code: 'deadline-exceeded' });
});

test('the end of the invocation aborts what is still open', () => {
  const deadline = new Deadline(undefined);
  deadline.end();
  expect(deadline.signal.aborted).toBe(true);
});
