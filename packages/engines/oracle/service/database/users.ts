import type { Model, User } from './model.ts';
import { OraError, ora } from './ora-error.ts';
import { type Verifier, verifierOf, verifies } from './verifier.ts';

export function isInRollover({ rollover }: User, now: number): boolean {
  return rollover !== undefined && now < rollover.endsAt;
}

/** As DBA_USERS tells it. */
export function accountStatus({ lock, expiry }: User, inRollover: boolean): string {
  const parts = [expiry, lock].filter((part) => part !== undefined);
  const status = parts.length === 0 ? 'OPEN' : parts.join(' & ');
  return inRollover ? `${status} & IN ROLLOVER` : status;
}

/** What a profile limits, through `DEFAULT` where it says so. */
export function limitOf(model: Model, { profile }: User, parameter: string): string {
  const own = model.profiles.get(profile)?.get(parameter) ?? 'DEFAULT';
  return own === 'DEFAULT' ? (model.profiles.get('DEFAULT')?.get(parameter) ?? 'UNLIMITED') : own;
}

/** Which of the user's passwords this is; both are good in a rollover. */
export function matching(model: Model, user: User, password: string): Verifier | undefined {
  const { rollover, verifier } = user;
  if (verifies(verifier, password)) return verifier;
  return isInRollover(user, model.now()) && verifies(rollover?.verifier, password) ? rollover?.verifier : undefined;
}

/** Changes a password under the rules of the user's profile. @throws OraError; nothing has changed then */
export function setPassword(model: Model, user: User, password: string): void {
  const bytes = Buffer.byteLength(password);
  if (bytes > (model.release === '19c' ? 30 : 1024)) throw model.release === '19c' ? ora(28218) : ora(972);
  checkFunction(limitOf(model, user, 'PASSWORD_VERIFY_FUNCTION'), user, password);
  checkReuse(model, user, password);
  const rolloverDays = Number(limitOf(model, user, 'PASSWORD_ROLLOVER_TIME'));
  const now = model.now();
  const before = user.verifier;
  const starts = before !== undefined && rolloverDays > 0 && !isInRollover(user, now);
  if (starts) user.rollover = { verifier: before, endsAt: now + rolloverDays * 86_400_000 };
  else if (!isInRollover(user, now)) user.rollover = undefined;
  // Within a rollover the first password stays, and the one in between ends.
  user.verifier = verifierOf(password, user.rollover?.verifier.salt);
  user.history.unshift(user.verifier);
  user.authentication = 'PASSWORD';
  user.externalName = undefined;
  user.expiry = undefined;
  user.failedLogins = 0;
}

function checkReuse(model: Model, user: User, password: string): void {
  const most = limitOf(model, user, 'PASSWORD_REUSE_MAX');
  if (most === 'UNLIMITED') return;
  if (user.history.slice(0, Number(most)).some((earlier) => verifies(earlier, password))) throw ora(28007);
}

/** Oracle's own function of 12c, as far as passwords that are made here meet it. */
function checkFunction(name: string, user: User, password: string): void {
  if (name === 'NULL') return;
  // One that tells more than it should: nothing of it may come out.
  if (name === 'REFUSE_ALL') throw new OraError(28003, `${verification}\nORA-20002: ${password} is not good enough`);
  if (name !== 'ORA12C_VERIFY_FUNCTION') throw new OraError(7443, `function ${name} not found`);
  const refuse = (text: string) => new OraError(28003, `${verification}\nORA-20001: ${text}`);
  if (password.length < 8) throw refuse('Password length less than 8');
  if (!/\d/.test(password)) throw refuse('Password must contain at least 1 digit(s)');
  if (!/[A-Za-z]/.test(password)) throw refuse('Password must contain at least 1 letter(s)');
  if (password.toUpperCase().includes(user.name.toUpperCase())) throw refuse('Password contains the username');
}

const verification = 'password verification for the specified password failed';
