import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spellings, TaintSearch } from './taint-search.ts';

const secrets = fc.string({ unit: 'grapheme-ascii', minLength: 16, maxLength: 64 });

test('every spelling is found wherever it stands, among many secrets', () => {
  fc.assert(
    fc.property(fc.array(secrets, { minLength: 1, maxLength: 20 }), fc.string(), fc.string(), (all, before, after) => {
      const search = new TaintSearch();
      for (const secret of all) search.add(secret);
      for (const [form, text] of spellings(all[0] ?? '')) {
        expect([form, search.find(`${before}${text}${after}`)]).not.toEqual([form, undefined]);
      }
    }),
  );
});

test('a secret inside a longer text that was turned into base64 is found at every alignment', () => {
  fc.assert(
    fc.property(secrets, fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 }), (secret, before, after) => {
      const search = new TaintSearch();
      search.add(secret);
      const text = Buffer.concat([before, Buffer.from(secret), after]).toString('base64');
      expect(search.find(text)).toBeDefined();
    }),
  );
});

test('other text is clean', () => {
  fc.assert(
    fc.property(secrets, fc.string({ maxLength: 400 }), (secret, text) => {
      fc.pre(!text.includes(secret));
      const search = new TaintSearch();
      search.add(secret);
      expect(search.find(text)).toBeUndefined();
    }),
  );
});

test('a secret too short to be told from chance is refused, not passed over', () => {
  expect(() => new TaintSearch().add('short')).toThrow(/12 characters/);
});
