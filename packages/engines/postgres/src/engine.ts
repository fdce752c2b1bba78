import type { ConnectLimits, Engine, Login, Password } from '@keyturn/core';
import { RotationError } from '@keyturn/core';
import { PgConnection } from '@keyturn/driver-pg';
import { certificateAuthorities } from './certificate-authorities.ts';
import { dialect } from './dialect.ts';
import { changeOwnPassword, resetPassword } from './password-change.ts';
import { checkName, nameMaxBytes } from './quoting.ts';
import { statementError } from './statement-errors.ts';
import { cloneUser } from './twins/clone-user.ts';
import { comparePrivileges } from './twins/compare-privileges.ts';

/** One login to a PostgreSQL server. */
export type PostgresConnection = PgConnection;

export interface PostgresOptions {
  /**
   * Sends new passwords as they are, for servers whose password check (passwordcheck, credcheck) must see
   * them. The server's log holds them then wherever it logs statements.
   * @default false - a verifier made by the client: neither the wire nor any log holds the password
   */
  readonly plaintextPassword?: boolean;
}

/** Printable ASCII: what SASLprep leaves as it is, so that client and server always mean the same password. */
const printableAscii = String.fromCharCode(...Array.from({ length: 0x7e - 0x20 + 1 }, (_, index) => 0x20 + index));

/** The engine for PostgreSQL 13 and later: self-run, Amazon RDS and Aurora. */
export function postgres(options: PostgresOptions = {}): Engine<PostgresConnection> {
  const form = { plaintext: options.plaintextPassword ?? false };
  return {
    name: 'postgres',
    secret: {
      engines: ['postgres', 'aurora-postgresql'],
      defaultPort: 5432,
      defaultDatabase: 'postgres',
      usernameMaxBytes: nameMaxBytes,
    },
    passwords: {
      minLength: 1,
      // PostgreSQL 13 reads a password of at most 999 bytes where it asks for the password itself.
      maxLength: 999,
      characters: printableAscii,
      excludedByDefault: ':/@"\'\\',
    },
    certificateAuthorities,
    connect,
    ping,
    changeOwnPassword: (connection, next) => changeOwnPassword(connection, next, form),
    close: (connection) => connection.close(),
    admin: {
      resetPassword: (connection, username, next) => resetPassword(connection, username, next, form),
      twins: { cloneUser, comparePrivileges },
    },
  };
}

async function connect(login: Login, limits: ConnectLimits): Promise<PostgresConnection> {
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

async function ping(connection: PostgresConnection): Promise<void> {
  try {
    await connection.run('SELECT 1');
  } catch (error) {
    throw statementError(error, connection.where);
  }
}
