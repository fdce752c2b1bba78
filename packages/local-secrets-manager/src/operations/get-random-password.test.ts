import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rawCaller, service } from '../../testing/service.ts';

const types = {
  ExcludeLowercase: /[a-z]/,
  ExcludeUppercase: /[A-Z]/,
  ExcludeNumbers: /[0-9]/,
  ExcludePunctuation: /[!-/:-@[-`{-~]/,
};

it('a password has 32 characters and one of each type', async () => {
  const call = rawCaller(service());
  const { body } = await call('GetRandomPassword', {});
  expect(body.RandomPassword).toHaveLength(32);
  for (const type of Object.values(types)) expect(body.RandomPassword).toMatch(type);
});

it('every password obeys its options', async () => {
  const call = rawCaller(service());
  const options = fc.record(
    {
      PasswordLength: fc.integer({ min: 4, max: 60 }),
      ExcludeCharacters: fc.string({ maxLength: 20 }),
      ExcludeNumbers: fc.boolean(),
      ExcludePunctuation: fc.boolean(),
      ExcludeUppercase: fc.boolean(),
      ExcludeLowercase: fc.boolean(),
      IncludeSpace: fc.boolean(),
      RequireEachIncludedType: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(options, async (input) => {
      const excludesAll = Object.keys(types).every((key) => input[key as keyof typeof types]);
      const { status, body } = await call('GetRandomPassword', input);
      if (excludesAll && (!input.IncludeSpace || input.ExcludeCharacters?.includes(' '))) {
        expect(body.__type).toBe('InvalidParameterException');
        return;
      }
      const password = String(body.RandomPassword);
      expect(status).toBe(200);
      expect(password).toHaveLength(input.PasswordLength ?? 32);
      expect([...password].filter((character) => input.ExcludeCharacters?.includes(character))).toEqual([]);
      if (!input.IncludeSpace) expect(password).not.toContain(' ');
      for (const [key, type] of Object.entries(types)) {
        const excluded = input[key as keyof typeof types] ?? false;
        if (excluded) expect(password).not.toMatch(type);
        else if (input.RequireEachIncludedType ?? true) expect(password).toMatch(type);
      }
    }),
    { numRuns: 300 },
  );
});

it('a password too short for the required types is refused', async () => {
  const call = rawCaller(service());
  expect((await call('GetRandomPassword', { PasswordLength: 3 })).body.__type).toBe('InvalidParameterException');
  expect((await call('GetRandomPassword', { PasswordLength: 3, RequireEachIncludedType: false })).status).toBe(200);
  expect((await call('GetRandomPassword', { PasswordLength: 0 })).body.__type).toBe('ValidationException');
  expect((await call('GetRandomPassword', { PasswordLength: 4097 })).body.__type).toBe('ValidationException');
});
