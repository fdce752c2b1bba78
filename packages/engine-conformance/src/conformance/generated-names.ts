import type { SecretRules } from '@keyturn/core';
import fc from 'fast-check';

/** How many special characters one name holds: the same one in three places, or three of them in one place each. */
export type Density = 'one a name' | 'three a name';

/** Characters that mean something to one server or another, and letters that are none of ASCII's. */
const special = [...'"\'`[]{}()<> $%_&*+,.;:=#@!?/\\|~^-é漢ßıЯ🔑'];

const threes = special.flatMap((_, i) => (i % 3 === 0 ? [special.slice(i, i + 3)] : []));

/**
 * Names that a user could have: each special character in the middle and at both ends, names that are words of a
 * language, the longest names, and some by chance. All leave room for what a twin's name ends in.
 * @param suffix what the twin's name ends in
 * @param letter makes the names others than those with another letter
 */
export function generatedNames(
  rules: SecretRules,
  suffix: string,
  seed: number,
  { letter, density }: { readonly letter: string; readonly density: Density },
): readonly string[] {
  const fits = (name: string) =>
    Buffer.byteLength(name + suffix) <= rules.usernameMaxBytes &&
    [...name, ...suffix].length <= (rules.usernameMaxCharacters ?? Number.POSITIVE_INFINITY);
  const longest = (unit: string): string => {
    let name = letter;
    // No server needs names of thousands of bytes to be shown.
    while (fits(name + unit) && name.length < 300) name += unit;
    return name;
  };
  const word = fc
    .string({ unit: fc.constantFrom(...special, ...'aZ09'), minLength: 2, maxLength: 14 })
    .map((text) => `${text.slice(0, 1)}${letter}${text.slice(1)}`);
  const all = [
    ...(density === 'one a name' ? special.map((one) => [one, one, one]) : threes).map((three) => three.join(letter)),
    ...['SELECT 1', 'null', 'MixedCase', '0123', '/**/', '$(a)%s%n', "'; DROP TABLE a; --"].map(
      (text) => `${text}${letter}`,
    ),
    `--${letter}`,
    ...['n', 'é', "'", '"', ']', '\\'].map(longest),
    ...fc.sample(word, { seed, numRuns: 12 }),
  ];
  return [...new Set(all)].filter((name) => fits(name) && name.isWellFormed());
}

/** A plain name that a server could take for this one if it read one of its characters as a pattern. */
export function lookalike(name: string): string {
  return name.replace(/[^A-Za-z0-9]/gu, 'x');
}
