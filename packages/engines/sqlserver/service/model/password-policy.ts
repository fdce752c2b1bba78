import { nameKey } from './names.ts';
import { hashPassword, isPassword } from './password-hash.ts';
import type { ServerPrincipal } from './server-state.ts';
import { SqlError } from './sql-error.ts';

/** Wrong passwords that lock a login for which the policy is checked. */
export const lockoutThreshold = 8;
const shortest = 8;
const longest = 128;

/** @throws SqlError if the policy, or the limit of every password, refuses it */
export function checkPassword(
  login: Pick<ServerPrincipal, 'name' | 'checkPolicy' | 'history'>,
  password: string,
): void {
  if (password.length > longest) {
    throw new SqlError(
      15117,
      'Password validation failed. The password does not meet Windows policy requirements because it is too long.',
    );
  }
  if (!login.checkPolicy) return;
  if (password.length < shortest) {
    throw new SqlError(
      15116,
      'Password validation failed. The password does not meet Windows policy requirements because it is too short.',
      16,
      1,
    );
  }
  const kinds = [/\p{Lu}/u, /\p{Ll}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length;
  const holdsName = login.name.length > 2 && nameKey(password).includes(nameKey(login.name));
  if (kinds < 3 || holdsName) {
    throw new SqlError(
      15118,
      'Password validation failed. The password does not meet Windows policy requirements because it is not complex enough.',
    );
  }
  if (login.history.some((hash) => isPassword(hash, password))) {
    throw new SqlError(15115, 'Password validation failed. The password cannot be used at this time.');
  }
}

/** Gives a login a password, whatever the policy says. */
export function setPassword(login: ServerPrincipal, password: string): void {
  login.passwordHash = hashPassword(password);
  login.badPasswords = 0;
  login.mustChange = false;
  login.expired = false;
}
