import { randomInt } from 'node:crypto';
import type { PasswordRules } from './engine.ts';
import { RotationError } from './errors.ts';
import type { Password } from './password.ts';

/**
 * The options of GetRandomPassword, by its names and with its meaning.
 * Source: the API reference of Secrets Manager, GetRandomPassword.
 */
export interface PasswordPolicy {
  /** In characters, 1 to 4096. @default 32 */
  readonly passwordLength: number;
  /** @default - what AWS's own function for the engine leaves out */
  readonly excludeCharacters: string;
  readonly excludeNumbers: boolean;
  readonly excludePunctuation: boolean;
  readonly excludeUppercase: boolean;
  readonly excludeLowercase: boolean;
  readonly includeSpace: boolean;
  /** At least one character of every type that is not excluded. @default true */
  readonly requireEachIncludedType: boolean;
}

const lowercase = 'abcdefghijklmnopqrstuvwxyz';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** Every character that GetRandomPassword may use. */
const everyCharacter = `${lowercase}${lowercase.toUpperCase()}0123456789${punctuation} `;

/**
 * The characters of each type that the policy includes and the engine accepts. A type of which nothing
 * is left is not included, as with the exclude options.
 * @throws RotationError `policy-unsatisfiable` if no password fits both the policy and the engine
 */
export function includedTypes(policy: PasswordPolicy, rules: PasswordRules): readonly string[] {
  const usable = (characters: string): string =>
    [...characters].filter((c) => rules.characters.includes(c) && !policy.excludeCharacters.includes(c)).join('');
  const types = [
    policy.excludeLowercase ? '' : lowercase,
    policy.excludeUppercase ? '' : lowercase.toUpperCase(),
    policy.excludeNumbers ? '' : '0123456789',
    policy.excludePunctuation ? '' : punctuation,
    policy.includeSpace ? ' ' : '',
  ]
    .map(usable)
    .filter((characters) => characters !== '');
  const { passwordLength: length } = policy;
  if (types.length === 0) throw unsatisfiable('every character is excluded');
  if (length < rules.minLength || length > Math.min(rules.maxLength, 4096)) {
    throw unsatisfiable(
      `a length of ${length} is asked for, and the engine takes ${rules.minLength} to ${rules.maxLength}`,
    );
  }
  if (policy.requireEachIncludedType && length < types.length) {
    throw unsatisfiable(`${length} characters cannot hold one of each of ${types.length} types`);
  }
  return types;
}

/**
 * A password from the process's CSPRNG. Every password that fits the policy is equally likely: whole
 * candidates are drawn without bias, and those that lack a required type are drawn again.
 */
export function generatePassword(policy: PasswordPolicy, rules: PasswordRules): string {
  const types = includedTypes(policy, rules);
  const alphabet = types.join('');
  for (;;) {
    let candidate = '';
    for (let i = 0; i < policy.passwordLength; i += 1) candidate += alphabet[randomInt(alphabet.length)];
    const complete = !policy.requireEachIncludedType || types.every((type) => hasOneOf(candidate, type));
    if (complete) return candidate;
  }
}

/** The request that makes GetRandomPassword itself keep to the policy and to what the engine accepts. */
export function randomPasswordRequest(policy: PasswordPolicy, rules: PasswordRules): RandomPasswordRequest {
  includedTypes(policy, rules);
  const refused = [...everyCharacter].filter((c) => !rules.characters.includes(c));
  return {
    PasswordLength: policy.passwordLength,
    ExcludeCharacters: [...new Set([...policy.excludeCharacters, ...refused])].join(''),
    ExcludeNumbers: policy.excludeNumbers,
    ExcludePunctuation: policy.excludePunctuation,
    ExcludeUppercase: policy.excludeUppercase,
    ExcludeLowercase: policy.excludeLowercase,
    IncludeSpace: policy.includeSpace,
    RequireEachIncludedType: policy.requireEachIncludedType,
  };
}

/** The input of GetRandomPassword. */
export interface RandomPasswordRequest {
  readonly PasswordLength: number;
  readonly ExcludeCharacters: string;
  readonly ExcludeNumbers: boolean;
  readonly ExcludePunctuation: boolean;
  readonly ExcludeUppercase: boolean;
  readonly ExcludeLowercase: boolean;
  readonly IncludeSpace: boolean;
  readonly RequireEachIncludedType: boolean;
}

/** @throws RotationError `password-not-accepted` if the engine cannot take this password */
export function checkAccepted(password: Password, rules: PasswordRules): void {
  const text = password.reveal();
  const faults = [
    text.length < rules.minLength ? `is shorter than ${rules.minLength} characters` : undefined,
    text.length > rules.maxLength ? `is longer than ${rules.maxLength} characters` : undefined,
    [...text].every((c) => rules.characters.includes(c)) ? undefined : 'holds a character outside the accepted ones',
  ].filter((fault) => fault !== undefined);
  if (faults.length > 0) {
    throw new RotationError('password-not-accepted', { message: `the stored password ${faults.join(' and ')}` });
  }
}

function hasOneOf(text: string, characters: string): boolean {
  return [...characters].some((c) => text.includes(c));
}

function unsatisfiable(message: string): RotationError {
  return new RotationError('policy-unsatisfiable', { message: `no password fits the password options: ${message}` });
}
