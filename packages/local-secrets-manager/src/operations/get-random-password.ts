import { randomInt } from 'node:crypto';
import * as v from 'valibot';
import { invalidParameter } from '../wire/service-error.ts';
import { text } from './members.ts';
import { type Operation, operation } from './operation.ts';

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const UPPERCASE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const NUMBERS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const input = v.object({
  PasswordLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096))),
  ExcludeCharacters: v.optional(text(0, 4096)),
  ExcludeNumbers: v.optional(v.boolean()),
  ExcludePunctuation: v.optional(v.boolean()),
  ExcludeUppercase: v.optional(v.boolean()),
  ExcludeLowercase: v.optional(v.boolean()),
  IncludeSpace: v.optional(v.boolean()),
  RequireEachIncludedType: v.optional(v.boolean()),
});

/** Makes a random password: 32 characters with one of each included type, unless told otherwise. */
export const getRandomPassword: Operation = operation({
  name: 'GetRandomPassword',
  reads: true,
  input,
  run(_context, options) {
    const { PasswordLength: length = 32, ExcludeCharacters: excluded = '', RequireEachIncludedType = true } = options;
    const types = [
      options.ExcludeLowercase ? '' : LOWERCASE,
      options.ExcludeUppercase ? '' : UPPERCASE,
      options.ExcludeNumbers ? '' : NUMBERS,
      options.ExcludePunctuation ? '' : PUNCTUATION,
    ].map((type) => without(type, excluded));
    const included = types.filter((type) => type !== '');
    const all = included.join('') + (options.IncludeSpace ? without(' ', excluded) : '');
    if (all === '') throw invalidParameter('The exclusions leave no character for the password.');
    const required = RequireEachIncludedType ? included : [];
    if (required.length > length) {
      throw invalidParameter('The password length is too short based on the required types.');
    }
    const rest = Array.from({ length: length - required.length }, () => pick(all));
    return { RandomPassword: shuffled([...required.map(pick), ...rest]).join('') };
  },
});

function without(characters: string, excluded: string): string {
  return [...characters].filter((character) => !excluded.includes(character)).join('');
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}

// Else the required types would always stand first.
function shuffled(characters: string[]): string[] {
  const mixed = [...characters];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [mixed[last], mixed[other]] = [mixed[other] as string, mixed[last] as string];
  }
  return mixed;
}
