import type { ConnectLimits, Engine, Login, Password } from '@keyturn/core';
import { RotationError } from '@keyturn/core';
import { PgConnection } from '@keyturn/driver-pg';
import { dialect } from './dialect.ts';
import type { PasswordDigest } from './digests.ts';
import { changeOwnPassword, resetPassword } from './password-change.ts';
import { checkName, nameMaxBytes } from './quoting.ts';
import { statementError } from './statement-errors.ts';
import { cloneUser } from './twins/clone-user.ts';
import { comparePrivileges } from './twins/compare-privileges.ts';

/** One login to a Redshift cluster or workgroup. */
export type RedshiftConnection = PgConnection;

export interface RedshiftOptions {
  /**
   * How the server keeps new passwords. `sha256` is the stronger one, but only Redshift's own drivers log in with it.
   * @default - a user that changes its own password keeps the way it has; an administrator's reset makes it `md5`,
   * as Redshift does with a password in clear text
   */
  readonly passwordDigest?: PasswordDigest;
  /**
   * What alternating users do about objects that one of the two owns: ownership cannot be shared in Redshift.
   * `refuse`: the rotation fails and names them. `grant`: the other user gets every right on them that can be granted;
   * what only an owner may do (to grant on, to change the owner, to vacuum) it may not.
   * @default 'refuse'
   */
  readonly ownedObjects?: 'refuse' | 'grant';
  /**
   * Databases in which the two users are made equal, besides the one of the master's login.
   * @default - every local database of the cluster: one more login each
   */
  readonly databases?: readonly string[];
}

/** ASCII 33 to 126 without what Redshift refuses (Redshift Developer Guide, CREATE USER). */
const characters = Array.from({ length: 126 - 33 + 1 }, (_, index) => String.fromCharCode(33 + index))
  .filter((character) => !`'"\\/@`.includes(character))
  .join('');

/** The engine for Amazon Redshift: clusters and serverless workgroups. */
export function redshift(options: RedshiftOptions = {}): Engine<RedshiftConnection> {
  const { passwordDigest } = options;
  return {
    name: 'redshift',
    secret: {
      engines: ['redshift', 'redshift-serverless'],
      defaultPort: 5439,
      defaultDatabase: 'dev',
      usernameMaxBytes: nameMaxBytes,
    },
    passwords: { minLength: 8, maxLength: 64, characters, excludedByDefault: ':/@"\'\\' },
    connect,
    ping,
    changeOwnPassword: (connection, next) => changeOwnPassword(connection, next, passwordDigest),
    close: (connection) => connection.close(),
    admin: {
      resetPassword: (connection, username, next) => resetPassword(connection, username, next, passwordDigest),
      twins: {
        cloneUser: (connection, pair) => cloneUser(connection, pair, options),
        comparePrivileges: (connection, pair) => comparePrivileges(connection, pair, options),
      },
    },
  };
}

async function connect(login: Login, limits: ConnectLimits): Promise<RedshiftConnection> {
  checkName(login.username, 'username');
  if (login.database !== undefined) checkName(login.database, 'dbname');
  checkPassword(login.password);
  return PgConnection.open(login, limits, dialect);
}

/** NUL would end the password early on the wire, and the driver knows no empty one. */
function checkPassword(password: Password): void {
  const text = password.reveal();
  if (text === '' || text.includes('\0')) {
    throw new RotationError('invalid-secret', { message: `the password ${text === '' ? 'is empty' : 'holds NUL'}` });
  }
}

async function ping(connection: RedshiftConnection): Promise<void> {
  try {
    await connection.run('SELECT 1');
  } catch (error) {
    throw statementError(error, connection.where);
  }
}
