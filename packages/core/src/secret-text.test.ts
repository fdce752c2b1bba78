import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSecretText, withValues } from './secret-text.ts';

const objects = fc
  .dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue())
  .chain((rest) => fc.tuple(fc.constant(rest), fc.string({ unit: 'grapheme' }), fc.constantFrom(undefined, 2, '\t')))
  .map(([rest, password, indent]) => JSON.stringify({ ...rest, password }, undefined, indent));

describe('withValues', () => {
  test('changes the value of the key and no other byte', () => {
    fc.assert(
      fc.property(objects, fc.string({ unit: 'grapheme' }), (text, next) => {
        const edited = withValues(text, { password: next });
        const { password, ...rest } = JSON.parse(text);
        const { password: after, ...restAfter } = JSON.parse(edited);
        expect(after).toBe(next);
        expect(restAfter).toEqual(rest);
        expect(withValues(edited, { password })).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test('keeps what JSON.stringify would not: long numbers, escapes, white space, the order of keys, keys that stand twice', () => {
    const text =
      '{ "2":1.0, "1":12345678901234567890,\n "\\u0061": "\\u00e9\\/", "x":1,"x":2, "password" : "old" ,"__proto__":{"password":"deep"} }';
    expect(withValues(text, { password: 'n"w\\' })).toBe(text.replace('"old"', '"n\\"w\\\\"'));
  });

  test('replaces every occurrence of a key that stands there twice', () => {
    expect(withValues('{"password":"a","password":"b"}', { password: 'c' })).toBe('{"password":"c","password":"c"}');
  });

  test('refuses to make a version that Secrets Manager would refuse, and says how large', () => {
    const text = JSON.stringify({ password: '', filler: 'x'.repeat(65_000) });
    expect(() => withValues(text, { password: 'y'.repeat(600) })).toThrowError(
      expect.objectContaining({ code: 'secret-too-large', message: expect.stringMatching(/\b656\d\d bytes/) }),
    );
  });
});

describe('parseSecretText', () => {
  test.each([
    ['binary', undefined],
    ['empty', ''],
    ['blank', ' \n'],
    ['plain text', 'hunter2-hunter2'],
    ['an array', '["hunter2"]'],
    ['a string', '"hunter2"'],
    ['a number', '42'],
    ['null', 'null'],
    ['cut off', '{"password":"hunter2"'],
    ['a comment in it', '{"password":"hunter2"} // hunter2'],
  ])('refuses a secret that is no JSON object (%s) without quoting it', (_name, text) => {
    let error: unknown;
    try {
      parseSecretText(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'secret-not-json' });
    expect(String((error as Error).stack)).not.toContain('hunter2');
  });
});
