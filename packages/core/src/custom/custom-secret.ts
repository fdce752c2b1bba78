import { RotationError } from '../errors.ts';
import type { Rotation } from '../rotation.ts';
import { parseSecretText } from '../secret-text.ts';
import type { CustomHooks } from './custom-hooks.ts';
import { faultsIn } from './parse-failure.ts';
import { secretValues } from './secret-values.ts';

/** One version of a custom secret. */
export interface CustomSecret<S> {
  readonly text: string;
  /** The keys as they are stored. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What parseSecret made of them. */
  readonly secret: S;
  /** What of it must stand in no output. */
  readonly hidden: readonly string[];
}

/** The keys that a rotation replaces. */
export function rotatedKeysOf<S extends object>({ rotatedKeys }: CustomHooks<S>): readonly string[] {
  return rotatedKeys ?? ['password'];
}

/**
 * Reads one version; from here on its secret values are masked in every log line.
 * @param text undefined for a version that holds SecretBinary
 * @throws RotationError `secret-not-json`; `invalid-secret`, naming every missing and wrong key at once
 */
export function parseCustomSecret<S extends object>(
  text: string | undefined,
  label: string,
  hooks: CustomHooks<S>,
  { redactor }: Rotation,
): CustomSecret<S> {
  try {
    const values = parseSecretText(text);
    const hidden = secretValues(values, rotatedKeysOf(hooks));
    for (const value of hidden) redactor.protect(value);
    return { text: text ?? '', values, secret: checked(values, hooks), hidden };
  } catch (error) {
    throw error instanceof RotationError ? error.with({ stage: label }) : error;
  }
}

function checked<S extends object>(values: Record<string, unknown>, hooks: CustomHooks<S>): S {
  const faults = rotatedKeysOf(hooks).flatMap((key) => faultsOfRotated(key, values));
  const result = parsed(values, hooks);
  if (result.faults !== undefined) faults.push(...result.faults);
  if (result.secret !== undefined && faults.length === 0) return result.secret;
  const remedy =
    hooks.rotatedKeys === undefined && faults.includes('password is missing')
      ? 'Correct the named keys with PutSecretValue, or name the keys that a rotation replaces with rotatedKeys.'
      : undefined;
  throw new RotationError('invalid-secret', {
    message: `the secret has missing or wrong keys: ${[...new Set(faults)].join('; ')}`,
    remedy,
  });
}

function parsed<S extends object>(
  values: Record<string, unknown>,
  { parseSecret }: CustomHooks<S>,
): { secret?: S; faults?: readonly string[] } {
  // A copy: what a hook changes in it must not be taken for what is stored.
  const copy = structuredClone(values);
  let secret: unknown;
  try {
    secret = parseSecret === undefined ? copy : parseSecret(copy);
  } catch (error) {
    return { faults: faultsIn(error, values) };
  }
  if (typeof secret !== 'object' || secret === null || 'then' in secret) {
    throw new RotationError('invalid-configuration', {
      message: 'parseSecret returns no object',
      remedy: 'Let parseSecret return the secret, at once and not as a promise, or throw.',
    });
  }
  return { secret: secret as S };
}

function faultsOfRotated(key: string, values: Readonly<Record<string, unknown>>): string[] {
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  if (value === undefined || value === null) return [`${key} is missing`];
  return value === '' ? [`${key} is empty`] : [];
}
