import { isDeepStrictEqual } from 'node:util';
import type { PasswordRules } from '../engine.ts';
import { hasCode, RotationError } from '../errors.ts';
import { nextPassword } from '../next-password.ts';
import type { Rotation } from '../rotation.ts';
import { withValues } from '../secret-text.ts';
import { AWSCURRENT, AWSPENDING } from '../secret-versions.ts';
import { callHook } from './call-hook.ts';
import type { CustomHooks } from './custom-hooks.ts';
import { type CustomSecret, parseCustomSecret, rotatedKeysOf } from './custom-secret.ts';
import { secretValues } from './secret-values.ts';

/** What a service takes of which nothing else is said; without the characters that AWS's generic template leaves out. */
const anyPassword: PasswordRules = {
  minLength: 1,
  maxLength: 4096,
  characters: String.fromCharCode(...Array.from({ length: 0x7e - 0x20 + 1 }, (_, index) => 0x20 + index)),
  excludedByDefault: '/@"\'\\',
};

/**
 * The text of the next version: the current one with the new values of the rotated keys. Checked as setSecret will
 * read it, for once stored it is never replaced.
 * @throws RotationError `invalid-configuration` if the hooks do not fit together; `policy-unsatisfiable`
 */
export async function nextText<S extends object>(
  hooks: CustomHooks<S>,
  current: CustomSecret<S>,
  rotation: Rotation,
): Promise<string> {
  const keys = rotatedKeysOf(hooks);
  const given = await nextValues(hooks, current, rotation);
  const before = current.secret as Record<string, unknown>;
  const changed = Object.fromEntries(
    Object.entries(given).filter(([key, value]) => !isDeepStrictEqual(value, before[key])),
  );
  for (const value of secretValues(changed, Object.keys(changed))) rotation.redactor.protect(value);
  const names = Object.keys(changed);
  const others = names.filter((key) => !keys.includes(key));
  if (others.length > 0) {
    throw unfit(`nextSecret changes ${others.join(', ')}`, 'Name every key that a rotation replaces in rotatedKeys.');
  }
  const empty = names.filter((key) => changed[key] === undefined);
  if (names.length === 0 || empty.length > 0) {
    const what = empty.length > 0 ? `no value for ${empty.join(', ')}` : `no new value for ${keys.join(', ')}`;
    throw unfit(`nextSecret gives ${what}`, 'Let nextSecret return new values for the keys in rotatedKeys.');
  }
  const text = withValues(current.text, changed);
  try {
    parseCustomSecret(text, AWSPENDING, hooks, rotation);
  } catch (error) {
    if (!hasCode(error, 'invalid-secret')) throw error;
    throw unfit(
      `parseSecret refuses what nextSecret gives: ${error.details.message}`,
      'Let nextSecret give values that parseSecret takes.',
    );
  }
  return text;
}

async function nextValues<S extends object>(
  hooks: CustomHooks<S>,
  current: CustomSecret<S>,
  rotation: Rotation,
): Promise<Record<string, unknown>> {
  const { nextSecret, passwords = anyPassword } = hooks;
  if (nextSecret === undefined) {
    const made: Record<string, unknown> = {};
    for (const key of rotatedKeysOf(hooks)) made[key] = await nextPassword(passwords, rotation);
    return made;
  }
  const call = { hook: 'nextSecret', stage: AWSCURRENT, hidden: current.hidden };
  const given: unknown = await callHook(call, rotation, () => nextSecret(structuredClone(current.secret), rotation));
  if (typeof given === 'object' && given !== null) return given as Record<string, unknown>;
  throw unfit('nextSecret returns no object', 'Let nextSecret return new values for the keys in rotatedKeys.');
}

function unfit(message: string, remedy: string): RotationError {
  return new RotationError('invalid-configuration', { message, remedy });
}
