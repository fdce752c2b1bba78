import type { SecretRules } from './engine.ts';
import { quoted, RotationError } from './errors.ts';
import type { Settings } from './settings.ts';

/** How the two users of a secret are called. */
export interface TwinNaming {
  /** What the second user's name ends in. @default '_clone' (TWIN_SUFFIX) */
  readonly suffix?: string | undefined;
  /** Both names, where a suffix does not give the second: for a function with one secret. */
  readonly users?: readonly [base: string, twin: string] | undefined;
}

/** The names of two users that take turns. */
export interface TwinNames {
  readonly base: string;
  readonly twin: string;
  readonly current: string;
  readonly next: string;
}

/**
 * The two users of a secret, told from the one that AWSCURRENT names.
 * @throws RotationError `twin-name-too-long`; `invalid-configuration` if AWSCURRENT names neither of the users given
 */
export function twinNames(current: string, naming: TwinNaming, rules: SecretRules, settings: Settings): TwinNames {
  const { base, twin } =
    naming.users === undefined ? bySuffix(current, naming, settings) : given(current, naming.users);
  const next = current === twin ? base : twin;
  const limit = fault(next, rules, settings);
  if (limit !== undefined) {
    throw new RotationError('twin-name-too-long', {
      message: `the name of the other user, ${quoted(next)}, ${limit}`,
      user: current,
    });
  }
  return { base, twin, current, next };
}

function bySuffix(current: string, naming: TwinNaming, settings: Settings): Pick<TwinNames, 'base' | 'twin'> {
  const suffix = naming.suffix ?? settings.twinSuffix;
  if (suffix === '') {
    throw new RotationError('invalid-configuration', { message: 'the suffix of the second user is empty' });
  }
  return current.endsWith(suffix) && current.length > suffix.length
    ? { base: current.slice(0, -suffix.length), twin: current }
    : { base: current, twin: `${current}${suffix}` };
}

function given(current: string, [base, twin]: readonly [string, string]): Pick<TwinNames, 'base' | 'twin'> {
  if (base === twin || base === '' || twin === '') {
    throw new RotationError('invalid-configuration', { message: 'the option users needs two names that differ' });
  }
  if (current !== base && current !== twin) {
    throw new RotationError('invalid-configuration', {
      message: `AWSCURRENT names neither of the users that the option users gives, ${quoted(base)} and ${quoted(twin)}`,
      user: current,
    });
  }
  return { base, twin };
}

function fault(name: string, rules: SecretRules, { usernameCharacterLimit }: Settings): string | undefined {
  const characters = Math.min(
    rules.usernameMaxCharacters ?? Number.POSITIVE_INFINITY,
    usernameCharacterLimit ?? Number.POSITIVE_INFINITY,
  );
  const [length, bytes] = [[...name].length, Buffer.byteLength(name)];
  if (length > characters) return `has ${length} characters; ${characters} are allowed`;
  return bytes > rules.usernameMaxBytes ? `takes ${bytes} bytes; ${rules.usernameMaxBytes} are allowed` : undefined;
}
