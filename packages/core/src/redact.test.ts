import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Redactor } from './redact.ts';

const forms: Record<string, (secret: string) => string> = {
  raw: (s) => s,
  json: (s) => JSON.stringify({ s }),
  'json in json': (s) => JSON.stringify(JSON.stringify({ s })),
  url: (s) => encodeURIComponent(s),
  form: (s) => new URLSearchParams({ s }).toString(),
  base64: (s) => Buffer.from(s).toString('base64'),
  base64url: (s) => Buffer.from(s).toString('base64url'),
  hex: (s) => Buffer.from(s).toString('hex'),
  'upper-case hex': (s) => Buffer.from(s).toString('hex').toUpperCase(),
};

const secrets = fc.string({ unit: 'binary', minLength: 8, maxLength: 64 }).filter((s) => s.isWellFormed());

describe('a protected value', () => {
  test.each(Object.entries(forms))('is masked as %s, wherever it stands', (_name, form) => {
    fc.assert(
      fc.property(secrets, fc.string(), fc.string(), (secret, before, after) => {
        const redactor = new Redactor();
        redactor.protect(secret);
        const line = `${before}${form(secret)}${after}`;
        expect(redactor.redact(line)).not.toContain(form(secret));
        expect(redactor.redact(line)).toContain('[redacted]');
        // The control: an unprotected redactor leaves it.
        expect(new Redactor().redact(line)).toContain(form(secret));
      }),
    );
  });

  test('is masked inside nested values that are turned into JSON', () => {
    const redactor = new Redactor();
    redactor.protect('pa"ss\\word');
    const line = JSON.stringify({ a: { b: ['x pa"ss\\word y'] } }, redactor.replacer);
    expect(line).toBe('{"a":{"b":["x [redacted] y"]}}');
  });
});

test('a value that is no proper Unicode is masked, too', () => {
  const redactor = new Redactor();
  redactor.protect('half \ud800 a pair');
  expect(redactor.redact('a half \ud800 a pair, half%20%EF%BF%BD%20a%20pair')).toBe('a [redacted], [redacted]');
});

test('of many values each is masked, in every form, and other text stays as it is', () => {
  const values = fc.array(secrets, { minLength: 2, maxLength: 16 });
  fc.assert(
    fc.property(values, fc.nat(), fc.constantFrom(...Object.values(forms)), fc.string(), (all, pick, form, other) => {
      const redactor = new Redactor();
      for (const value of all) redactor.protect(value);
      const value = all[pick % all.length] ?? '';
      expect(redactor.redact(`${other}${form(value)}`)).not.toContain(form(value));
      fc.pre(!all.some((each) => Object.values(forms).some((spelt) => other.includes(spelt(each)))));
      expect(redactor.redact(other)).toBe(other);
    }),
  );
});

test('a warm process keeps a bounded number of values, the newest', () => {
  const redactor = new Redactor();
  const secret = (i: number) => createHash('sha256').update(String(i)).digest('hex');
  for (let i = 0; i < 1_000; i += 1) redactor.protect(secret(i));
  expect(redactor.redact(secret(999))).toBe('[redacted]');
  expect(redactor.redact(secret(1))).toBe(secret(1));
});
