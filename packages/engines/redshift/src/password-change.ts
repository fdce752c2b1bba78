import { type Password, quoted, RotationError } from '@keyturn/core';
import { codeOf, type PgConnection } from '@keyturn/driver-pg';
import { digestRequest } from './digest-login.ts';
import { digestOf, type PasswordDigest } from './digests.ts';
import { checkName, printableName, quoteName, quoteText } from './quoting.ts';
import { statementError } from './statement-errors.ts';

/**
 * A change that waits for a lock goes on in the server after its client has gone: it may take effect this
 * much later, in milliseconds, and no more.
 */
const longestChangeMs = 10_000;

/** The user gives itself a new password, kept as the old one was, unless `digest` says how. */
export async function changeOwnPassword(
  connection: PgConnection,
  next: Password,
  digest: PasswordDigest | undefined,
): Promise<void> {
  const { username } = connection.login;
  const { me } = await describe(connection, username);
  if (me !== username) {
    throw new RotationError('user-mismatch', {
      ...connection.where,
      message: `the server runs this session as ${quoted(me)}, and not as the user that logged in`,
      remedy:
        'Put the name into username as the cluster has it (PG_USER), and the endpoint of the cluster itself into host.',
    });
  }
  const asItWas = connection.asked === digestRequest ? 'sha256' : 'md5';
  await alter(connection, username, digestOf(next, username, digest ?? asItWas), {
    message: 'the user may not change its own password',
    remedy: 'Rotate this user with a master secret.',
  });
}

/** An administrator gives a user a new password. */
export async function resetPassword(
  connection: PgConnection,
  username: string,
  next: Password,
  digest: PasswordDigest | undefined,
): Promise<void> {
  checkName(username, 'username');
  const { me, exists, isSuper } = await describe(connection, username);
  if (!exists) {
    throw new RotationError('statement-failed', {
      ...connection.where,
      message: `the cluster has no user ${quoted(username)}`,
      remedy: 'Check username in the secret.',
    });
  }
  const master = printableName(me);
  await alter(connection, username, digestOf(next, username, digest ?? 'md5'), {
    message: `the administrator may not set the password of ${printableName(username)}`,
    remedy: isSuper
      ? `${printableName(username)} is a superuser: name a superuser in the master secret.`
      : `Run as a superuser: ALTER USER ${master} CREATEUSER, or GRANT ROLE sys:secadmin TO ${master}`,
  });
}

async function alter(
  connection: PgConnection,
  username: string,
  digest: string,
  denied: { readonly message: string; readonly remedy: string },
): Promise<void> {
  // ALTER USER takes no parameters. In one message, both statements are one transaction.
  const sql = `SET statement_timeout TO ${longestChangeMs}; ALTER USER ${quoteName(username)} PASSWORD ${quoteText(digest)}`;
  try {
    await connection.run(sql);
  } catch (error) {
    if (codeOf(error) === '42501') {
      throw new RotationError('missing-privilege', { ...connection.where, ...denied, driverCode: '42501' });
    }
    throw statementError(error, connection.where);
  }
}

interface Description {
  /** The user that acts. */
  readonly me: string;
  readonly exists: boolean;
  readonly isSuper: boolean;
}

/** Asks in one round trip. Columns are read by their place: a setting of the user's may write their names in capitals. */
async function describe(connection: PgConnection, username: string): Promise<Description> {
  const sql = `SELECT current_user; SELECT usesuper FROM pg_catalog.pg_user WHERE usename = ${quoteText(username)}`;
  try {
    const [[self] = [], [user] = []] = await connection.runEach(sql);
    return {
      me: String(Object.values(self ?? {})[0]),
      exists: user !== undefined,
      isSuper: Object.values(user ?? {})[0] === true,
    };
  } catch (error) {
    throw statementError(error, connection.where);
  }
}
