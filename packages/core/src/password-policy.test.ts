import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PasswordRules } from './engine.ts';
import { Password } from './password.ts';
import {
  checkAccepted,
  generatePassword,
  includedTypes,
  type PasswordPolicy,
  randomPasswordRequest,
} from './password-policy.ts';

const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));
const anything: PasswordRules = { minLength: 1, maxLength: 4096, characters: printable, excludedByDefault: '' };
const usual: PasswordPolicy = {
  passwordLength: 32,
  excludeCharacters: '',
  excludeNumbers: false,
  excludePunctuation: false,
  excludeUppercase: false,
  excludeLowercase: false,
  includeSpace: false,
  requireEachIncludedType: true,
};

const policies = fc.record({
  passwordLength: fc.integer({ min: 5, max: 64 }),
  excludeCharacters: fc.string({ unit: fc.constantFrom(...printable), maxLength: 60 }),
  excludeNumbers: fc.boolean(),
  excludePunctuation: fc.boolean(),
  excludeUppercase: fc.boolean(),
  excludeLowercase: fc.boolean(),
  includeSpace: fc.boolean(),
  requireEachIncludedType: fc.boolean(),
});

const rules = fc.record({
  minLength: fc.constant(1),
  maxLength: fc.constant(128),
  characters: fc.uniqueArray(fc.constantFrom(...printable), { minLength: 40 }).map((cs) => cs.join('')),
  excludedByDefault: fc.constant(''),
});

const kinds: Record<string, RegExp> = {
  excludeNumbers: /[0-9]/,
  excludeUppercase: /[A-Z]/,
  excludeLowercase: /[a-z]/,
  excludePunctuation: /[!-/:-@[-`{-~]/,
};

describe('generated passwords', () => {
  test('keep to every option and to what the engine accepts, for 100,000 passwords under random policies', () => {
    let generated = 0;
    fc.assert(
      fc.property(policies, rules, (policy, engine) => {
        fc.pre(possible(policy, engine));
        const types = includedTypes(policy, engine);
        for (let i = 0; i < 100; i += 1) {
          const password = generatePassword(policy, engine);
          generated += 1;
          const faults = faultsOf(password, policy, engine, types);
          if (faults.length > 0) expect(faults).toEqual([]);
        }
      }),
      { numRuns: 1_000, seed: 20_261_123 },
    );
    expect(generated).toBe(100_000);
  });

  test('are drawn without bias: each character of a short password is as frequent as the others of its type', () => {
    // Three characters of three types, each required: 2 × 1 × 1 × 3! = 12 passwords, all equally likely.
    const policy = { ...usual, passwordLength: 3, excludePunctuation: true };
    const engine = { ...anything, characters: 'abZ7' };
    const seen = new Map<string, number>();
    const runs = 600_000;
    for (let i = 0; i < runs; i += 1) {
      const password = generatePassword(policy, engine);
      seen.set(password, (seen.get(password) ?? 0) + 1);
    }
    expect(seen.size).toBe(12);
    // 11 degrees of freedom: above 52 once in four million runs.
    expect(chiSquareOf(seen, runs)).toBeLessThan(52);
  });

  test('the check of the options finds each kind of fault', () => {
    const strict = { ...usual, passwordLength: 4, excludeCharacters: 'x', excludeNumbers: true };
    const types = ['abcx', 'ABC', '!'];
    const engine = { ...anything, characters: 'abcxABC!7 ' };
    expect(faultsOf('aA!b', strict, engine, types)).toEqual([]);
    for (const wrong of ['aA!', 'aA!x', 'aA!7', 'aA! ', 'abAB', 'aA!~']) {
      expect(faultsOf(wrong, strict, engine, types)).not.toEqual([]);
    }
  });

  test('the test of bias finds a generator that draws with a modulo', () => {
    // A byte modulo 12: each of the first four of twelve outcomes comes 22 times in 256, the others 21 times.
    const drawn = (bytes: Uint8Array): Map<number, number> => {
      const seen = new Map<number, number>();
      for (const byte of bytes) seen.set(byte % 12, (seen.get(byte % 12) ?? 0) + 1);
      return seen;
    };
    expect(chiSquareOf(drawn(randomBytes(600_000)), 600_000)).toBeGreaterThan(52);
  });

  test('a URL-safe policy survives a connection string', () => {
    const policy = { ...usual, excludePunctuation: true };
    for (let i = 0; i < 1_000; i += 1) {
      const password = generatePassword(policy, anything);
      expect(new URL(`postgres://app:${password}@db:5432/x`).password).toBe(password);
    }
  });
});

describe('a policy that no password fits', () => {
  test.each([
    ['every character excluded', { excludeCharacters: printable }, anything],
    ['too short for the required types', { passwordLength: 3 }, anything],
    ['longer than the engine takes', { passwordLength: 129 }, { ...anything, maxLength: 128 }],
    ['shorter than the engine takes', { passwordLength: 7 }, { ...anything, minLength: 8 }],
    ['only characters that the engine refuses', { excludeLowercase: true }, { ...anything, characters: 'abc' }],
  ])('%s', (_name, options, engine) => {
    expect(() => generatePassword({ ...usual, ...options }, engine)).toThrowError(
      expect.objectContaining({ code: 'policy-unsatisfiable' }),
    );
  });
});

describe('GetRandomPassword', () => {
  test('is asked for nothing that the engine refuses', () => {
    const request = randomPasswordRequest(
      { ...usual, excludeCharacters: '"@' },
      { ...anything, characters: 'abcABC123!"' },
    );
    expect(request.ExcludeCharacters).toContain('@');
    expect(request.ExcludeCharacters).toContain('d');
    expect(request.ExcludeCharacters).not.toContain('a');
    expect(request).toMatchObject({ PasswordLength: 32, RequireEachIncludedType: true, IncludeSpace: false });
  });
});

describe('a stored password', () => {
  const engine = { ...anything, minLength: 8, maxLength: 12 };

  test.each(['abcdefgh', 'abcdefghijkl', 'with sp.'])('is accepted: %s', (text) => {
    expect(() => checkAccepted(new Password(text), engine)).not.toThrow();
  });

  test.each(['tiny5', 'much too long for it', 'tab\tinside', 'ümlaut-ümlaut'])('is refused, unquoted: %j', (text) => {
    let error: unknown;
    try {
      checkAccepted(new Password(text), engine);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'password-not-accepted' });
    expect(String(error)).not.toContain(text);
  });
});

/** What is wrong with a password, read off the options one by one. */
function faultsOf(password: string, policy: PasswordPolicy, engine: PasswordRules, types: readonly string[]): string[] {
  const characters = [...password];
  const lacking = types.filter((type) => !characters.some((c) => type.includes(c)));
  return [
    password.length === policy.passwordLength ? [] : ['length'],
    characters.filter((c) => policy.excludeCharacters.includes(c) || !engine.characters.includes(c)),
    Object.entries(kinds).flatMap(([option, kind]) =>
      policy[option as keyof PasswordPolicy] === true && kind.test(password) ? [option] : [],
    ),
    !policy.includeSpace && password.includes(' ') ? ['space'] : [],
    policy.requireEachIncludedType ? lacking : [],
  ].flat();
}

/** How far the counts are from all being equal. */
function chiSquareOf(seen: ReadonlyMap<unknown, number>, runs: number): number {
  const expected = runs / seen.size;
  return [...seen.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
}

function possible(policy: PasswordPolicy, engine: PasswordRules): boolean {
  try {
    return includedTypes(policy, engine).length > 0;
  } catch {
    return false;
  }
}
