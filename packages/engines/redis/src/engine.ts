import type { Engine, EngineAdmin, PasswordOverlap } from '@keyturn/core';
import { openConnection } from './connect.ts';
import type { RedisConnection } from './connection.ts';
import { Refusal } from './errors.ts';
import { setPasswords } from './set-passwords.ts';
import { longestUsername } from './username.ts';

export interface RedisOptions {
  /**
   * Whether the server writes its users to its ACL file, or else to its configuration file, before and after
   * each change, so that the new password survives a restart; a rotation fails where it cannot. `false`: the
   * change lasts until the server restarts, for servers whose users are kept elsewhere.
   * @default true
   */
  readonly saveUsers?: boolean;
}

/** A user of Redis may have two passwords; an administrator may set them; no users take turns. */
export interface RedisEngine extends Engine<RedisConnection> {
  readonly admin: EngineAdmin<RedisConnection>;
  readonly overlap: PasswordOverlap<RedisConnection>;
}

/** The engine for Redis 6 and later and for Valkey, on servers of your own. */
export function redis(options: RedisOptions = {}): RedisEngine {
  const save = options.saveUsers !== false;
  return {
    name: 'redis',
    secret: {
      engines: ['redis', 'valkey'],
      defaultPort: 6379,
      usernameMaxBytes: longestUsername,
    },
    passwords: {
      minLength: 1,
      // What requirepass takes; a password of a user may be longer.
      maxLength: 512,
      // Printable ASCII, the space among it.
      characters: Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join(''),
      excludedByDefault: '/@"\'\\',
    },
    connect: openConnection,
    async ping(connection) {
      const reply = await connection.ask(['PING']);
      // A user that may not PING got this answer because it is logged in.
      if (reply instanceof Refusal && reply.word !== 'NOPERM') throw connection.failure(reply, ['PING']);
    },
    async changeOwnPassword(connection, next) {
      await setPasswords(connection, connection.where.user, [next], save);
    },
    close: (connection) => connection.close(),
    admin: {
      resetPassword: (connection, username, next) => setPasswords(connection, username, [next], save),
    },
    overlap: {
      addPassword: (connection, username, next, keep) => setPasswords(connection, username, [keep, next], save),
    },
  };
}
