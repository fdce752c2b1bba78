import { hasCode, Password, RotationError } from '@keyturn/core';
import type { OracleConnection } from './connection.ts';
import { dictionaryName } from './names.ts';
import { identifier, passwordLiteral } from './quoting.ts';
import { logsIn } from './set-password.ts';

/** How one user's passwords change, whoever does it. */
interface Changer {
  readonly name: string;
  readonly inRollover: boolean;
  readonly profile: string;
  /** In days, as the profile has it; not a number where the server knows no rollover. */
  readonly rolloverTime: number;
  /** Whether a rollover can be ended: whoever changes its own password may not unless it has ALTER USER. */
  readonly mayEnd: boolean;
  change(next: Password): Promise<void>;
}

/**
 * See the contract, `PasswordOverlap.addPassword`. A rollover begins with a password and ends with another: the first
 * of the two stays good while the last one changes, and nobody can see which of the two somebody knows.
 * @throws RotationError `invalid-configuration` if the user's profile has no rollover; nothing has been changed then
 */
export async function addPassword(
  connection: OracleConnection,
  username: string,
  next: Password,
  keep: Password,
): Promise<void> {
  const changer = await changerOf(connection, username, keep);
  if (!(changer.rolloverTime > 0)) throw withoutRollover(connection, username, changer);
  if (changer.inRollover) {
    if (!changer.mayEnd || !(await makeLast(changer, keep))) {
      // Of the two passwords one is the one to keep: if the other is the next one, all is done.
      if (!next.equals(keep) && (await logsIn(connection, username, next))) return;
      throw changer.mayEnd ? keptFromEnding(connection, username, changer.name) : mayNotEnd(connection, username);
    }
    await endRollover(connection, changer.name);
  }
  if (!next.equals(keep)) await changer.change(next);
}

/**
 * Ends the password before this one, where there is one that works still: for a change that is to keep none. A user
 * that may not end it keeps it, as its profile says.
 */
export async function endOlderPassword(connection: OracleConnection, username: string): Promise<void> {
  // Nothing is changed by this one, so that no password is needed.
  const { name, inRollover, mayEnd } = await changerOf(connection, username, new Password(''));
  if (inRollover && mayEnd) await endRollover(connection, name);
}

async function endRollover(connection: OracleConnection, name: string): Promise<void> {
  await connection.run(`ALTER USER ${identifier(name)} EXPIRE PASSWORD ROLLOVER PERIOD`);
}

/**
 * Makes the password to keep the last one of the rollover, so that its end leaves that one.
 * @returns false where the rules of the profile do not let it be set again
 */
async function makeLast(changer: Changer, keep: Password): Promise<boolean> {
  try {
    await changer.change(keep);
    return true;
  } catch (error) {
    if (hasCode(error, 'password-refused')) return false;
    throw error;
  }
}

function keptFromEnding({ where }: OracleConnection, user: string, name: string): RotationError {
  return new RotationError('invalid-configuration', {
    message:
      'the user has two passwords (IN ROLLOVER), and its profile does not let the one in use be set again, so that the other could be ended',
    endpoint: where.endpoint,
    user,
    remedy: `Let PASSWORD_ROLLOVER_TIME be shorter than the time between two rotations, or loosen PASSWORD_REUSE_MAX and PASSWORD_VERIFY_FUNCTION; once every client has the password of AWSCURRENT, an administrator can run ALTER USER ${identifier(name)} EXPIRE PASSWORD ROLLOVER PERIOD.`,
  });
}

function mayNotEnd({ where }: OracleConnection, user: string): RotationError {
  return new RotationError('missing-privilege', {
    message: 'the password before this one still works (IN ROLLOVER), and ending it takes ALTER USER',
    endpoint: where.endpoint,
    user,
    remedy:
      'Let PASSWORD_ROLLOVER_TIME be shorter than the time between two rotations, or let the master change the password (PASSWORD_CHANGED_BY=master). Nothing has been changed.',
  });
}

async function changerOf(connection: OracleConnection, username: string, keep: Password): Promise<Changer> {
  const name = dictionaryName(username);
  return name === dictionaryName(connection.where.user)
    ? ownChanger(connection, name, keep)
    : mastersChanger(connection, username, name);
}

/** A user sees its own status and the limits of its profile. */
async function ownChanger(connection: OracleConnection, name: string, keep: Password): Promise<Changer> {
  const rows = await connection.query(
    "SELECT 'status', account_status FROM sys.user_users UNION ALL SELECT 'limit', limit FROM sys.user_password_limits WHERE resource_name = 'PASSWORD_ROLLOVER_TIME' UNION ALL SELECT 'privilege', privilege FROM sys.session_privs WHERE privilege = 'ALTER USER'",
  );
  const value = (kind: string) => rows.find(([which]) => which === kind)?.[1] ?? undefined;
  return {
    name,
    inRollover: value('status')?.includes('IN ROLLOVER') === true,
    profile: 'of the user',
    rolloverTime: Number(value('limit') ?? Number.NaN),
    mayEnd: value('privilege') !== undefined,
    change: (next) => connection.changePassword(next, keep),
  };
}

async function mastersChanger(connection: OracleConnection, username: string, name: string): Promise<Changer> {
  const [user] = await connection.query('SELECT account_status, profile FROM sys.dba_users WHERE username = :1', [
    name,
  ]);
  if (user === undefined) {
    throw new RotationError('invalid-secret', {
      message: 'the server knows no user of this name',
      endpoint: connection.where.endpoint,
      user: username,
      remedy: 'Create the user, or check username in the secret.',
    });
  }
  const [status, profile] = user.map((field) => field ?? '');
  const limits = await connection.query(
    "SELECT profile, limit FROM sys.dba_profiles WHERE resource_name = 'PASSWORD_ROLLOVER_TIME' AND profile IN (:1, 'DEFAULT')",
    [profile ?? ''],
  );
  const limitOf = (which: string) => limits.find(([of]) => of === which)?.[1] ?? undefined;
  const own = limitOf(profile ?? '');
  return {
    name,
    inRollover: status?.includes('IN ROLLOVER') === true,
    profile: identifier(profile ?? ''),
    mayEnd: true,
    rolloverTime: Number((own === 'DEFAULT' ? limitOf('DEFAULT') : own) ?? Number.NaN),
    change: (next) =>
      connection.run(`ALTER USER ${identifier(name)} IDENTIFIED BY ${passwordLiteral(next.reveal())} ACCOUNT UNLOCK`),
  };
}

function withoutRollover(
  connection: OracleConnection,
  username: string,
  { profile, rolloverTime }: Changer,
): RotationError {
  return new RotationError('invalid-configuration', {
    message: Number.isNaN(rolloverTime)
      ? 'the server has no password rollover, which came with 19.12 and 21c'
      : `the profile ${profile} has no PASSWORD_ROLLOVER_TIME, so that the user has one password at a time`,
    endpoint: connection.where.endpoint,
    user: username,
    remedy:
      'Give the user a profile with it (ALTER PROFILE … LIMIT PASSWORD_ROLLOVER_TIME 1, in days), or leave out the option overlap. Nothing has been changed.',
  });
}
