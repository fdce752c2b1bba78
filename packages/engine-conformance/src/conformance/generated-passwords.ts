import type { PasswordRules } from '@keyturn/core';
import fc from 'fast-check';

/** A password, and what is special about it: the password itself stands in no output. */
export interface GeneratedPassword {
  readonly what: string;
  readonly password: string;
}

/**
 * Passwords that hold all that an engine says it takes: each character in the first, the middle and the last place,
 * the shortest and the longest, all characters in one, and some by chance.
 */
export function generatedPasswords(
  rules: PasswordRules,
  seed: number,
  thoroughness: 'each character in three places' | 'each character once',
): readonly GeneratedPassword[] {
  const { minLength, maxLength } = rules;
  const characters = [...rules.characters];
  const at = (index: number) => characters[index % characters.length] ?? '';
  const length = Math.min(maxLength, Math.max(minLength, 19));
  // Filled up with letters and digits, for servers that want each kind.
  const filler = 'Kx7'.repeat(Math.ceil(length / 3));
  const third = Math.ceil(characters.length / 3);
  // Of all these, each character stands in each of the three places once; of the first third, in one of them.
  const firsts = thoroughness === 'each character once' ? characters.slice(0, third) : characters;
  const places = firsts.map((first, i) => {
    const half = Math.floor((length - 3) / 2);
    const password = `${first}${filler.slice(0, half)}${at(i + third)}${filler.slice(0, length - 3 - half)}${at(i + 2 * third)}`;
    const named = [first, at(i + third), at(i + 2 * third)].map((character) => JSON.stringify(character)).join(', ');
    return { what: `with ${named} first, in the middle and last`, password };
  });
  const whole = characters.join('');
  const longest = `Kx7${whole.repeat(Math.ceil(maxLength / whole.length))}`.slice(0, maxLength);
  const word = fc.string({
    unit: fc.constantFrom(...characters),
    minLength: Math.min(maxLength, Math.max(minLength, 12)),
    maxLength: Math.min(maxLength, 64),
  });
  return [
    ...places,
    { what: 'of the shortest length', password: filler.slice(0, minLength) },
    { what: `of the longest length, ${maxLength}`, password: longest },
    { what: 'of all characters', password: whole.slice(0, maxLength) },
    ...fc.sample(word, { seed, numRuns: 10 }).map((password, i) => ({ what: `by chance, number ${i + 1}`, password })),
  ];
}
