import type { PasswordRules } from './engine.ts';
import { Password } from './password.ts';
import { checkAccepted, generatePassword, randomPasswordRequest } from './password-policy.ts';
import { passwordPolicy, type Rotation } from './rotation.ts';

/**
 * A new password that keeps to the function's options and that the engine accepts.
 * @throws RotationError `policy-unsatisfiable`; `password-not-accepted` if GetRandomPassword gave one that the engine refuses
 */
export async function nextPassword(rules: PasswordRules, rotation: Rotation): Promise<string> {
  const { settings, manager, redactor } = rotation;
  const policy = passwordPolicy(settings, rules.excludedByDefault);
  const text =
    settings.passwordSource === 'local'
      ? generatePassword(policy, rules)
      : await manager.randomPassword(randomPasswordRequest(policy, rules));
  redactor.protect(text);
  // Before it is stored: once stored it is never replaced.
  checkAccepted(new Password(text), rules);
  return text;
}
