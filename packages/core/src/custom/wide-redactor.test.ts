import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Redactor } from '../redact.ts';
import { masked, WideRedactor } from './wide-redactor.ts';

const seed = Number(process.env.FAST_CHECK_SEED ?? Date.now() % 2 ** 31);
const secret = fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 40 });
/** The base64 of something longer: whoever decodes it has the secret. */
const holds = (text: string, value: string): boolean =>
  [...text.matchAll(/[\w+/-]{8,}/g)].some(([piece]) => Buffer.from(piece, 'base64').toString('latin1').includes(value));

test(`a value inside longer base64 cannot be decoded any more, at any offset (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme-ascii' }),
      secret,
      fc.string({ unit: 'grapheme-ascii' }),
      (before, value, after) => {
        const header = `Basic ${Buffer.from(`${before}:${value}${after}`).toString('base64')}`;
        expect(holds(header, value)).toBe(true);
        expect(holds(masked(header, [value]), value)).toBe(false);
      },
    ),
    { seed },
  );
});

test('the control: the redactor for databases leaves it readable', () => {
  const value = 'first-password-of-app';
  const redactor = new Redactor();
  redactor.protect(value);
  const header = `Basic ${Buffer.from(`app:${value}`).toString('base64')}`;
  expect(holds(redactor.redact(header), value)).toBe(true);
  expect(holds(masked(header, [value]), value)).toBe(false);
});

test('many values are masked at once, and the oldest of very many are forgotten', () => {
  const redactor = new WideRedactor();
  const values = Array.from({ length: 65 }, (_, i) => `value-number-${String(i).padStart(3, '0')}`);
  for (const value of values) redactor.protect(value);
  expect(redactor.redact(values.join(' '))).toBe(`value-number-000 ${Array(64).fill('[redacted]').join(' ')}`);
});

test('a log line passes through it, as through every redactor', () => {
  const redactor = new WideRedactor();
  redactor.protect('first-password');
  expect(JSON.stringify({ a: ['is first-password'] }, redactor.replacer)).toBe('{"a":["is [redacted]"]}');
});
