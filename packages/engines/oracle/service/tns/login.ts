import { randomBytes } from 'node:crypto';
import type { Model, User } from '../database/model.ts';
import { type OraError, ora } from '../database/ora-error.ts';
import { has, type Session } from '../database/session.ts';
import { isInRollover, limitOf } from '../database/users.ts';
import type { Verifier } from '../database/verifier.ts';
import { Challenge, serverProof } from './challenge.ts';

/** A login that has succeeded. */
export interface LoggedIn {
  readonly session: Session;
  /** What both sides encrypt passwords with from now on. */
  readonly key: Buffer;
  readonly proof: string;
  readonly warning: { readonly number: number; readonly text: string } | undefined;
}

/** As the server reads a user name: in quotes as it is, else in upper case. */
export function dictionaryName(given: string): string {
  const quoted = /^"([^"]+)"$/.exec(given);
  return quoted?.[1] ?? given.toUpperCase();
}

/** The challenge for this name: the same for a user that does not exist. */
export function challengeFor(model: Model, name: string): Challenge {
  const user = model.users.get(name);
  const verifier = user?.verifier ?? { salt: randomBytes(16), hash: randomBytes(32) };
  return new Challenge(verifier, user?.has10gOnly === true);
}

/** Judges the client's answer. @throws OraError; a wrong password counts against the user */
export function logIn(model: Model, name: string, challenge: Challenge, pairs: ReadonlyMap<string, string>): LoggedIn {
  const user = model.users.get(name);
  if (user === undefined || user.authentication !== 'PASSWORD' || name === 'SYS')
    throw ora(name === 'SYS' ? 28009 : 1017);
  // Whatever the password is: a locked account tells nothing of it.
  if (user.lock !== undefined) throw ora(28000);
  const key = keyOf(model, user, challenge, pairs);
  if (key === undefined) throw countRefusal(model, user);
  user.failedLogins = 0;
  if (user.expiry === 'EXPIRED') throw ora(28001);
  const session: Session = { user: name, isSys: false, currentSchema: name };
  if (!has(model, session, 'CREATE SESSION')) throw ora(1045);
  user.hasLoggedIn = true;
  if (!isInRollover(user, model.now())) user.rollover = undefined;
  const trigger = model.objects.find(({ type, columns }) => type === 'TRIGGER' && columns[0] === name);
  session.currentSchema = trigger?.columns[1] ?? name;
  const { message, number } = ora(28002);
  return {
    session,
    key,
    proof: serverProof(key),
    warning: user.expiry === 'EXPIRED(GRACE)' ? { number, text: message } : undefined,
  };
}

function keyOf(model: Model, user: User, challenge: Challenge, pairs: ReadonlyMap<string, string>): Buffer | undefined {
  const earlier = isInRollover(user, model.now()) ? user.rollover?.verifier : undefined;
  for (const verifier of [user.verifier, earlier]) {
    const found: { readonly key: Buffer } | undefined = verifier && answered(challenge, verifier, pairs);
    if (found !== undefined) return found.key;
  }
  return undefined;
}

function answered(challenge: Challenge, verifier: Verifier, pairs: ReadonlyMap<string, string>) {
  return challenge.answer(verifier, pairs);
}

function countRefusal(model: Model, user: User): OraError {
  user.failedLogins += 1;
  user.refusedLogins += 1;
  const most = limitOf(model, user, 'FAILED_LOGIN_ATTEMPTS');
  if (most !== 'UNLIMITED' && user.failedLogins >= Number(most)) user.lock = 'LOCKED(TIMED)';
  return ora(1017);
}
