import { quoted, RotationError, type TwinPair } from '@keyturn/core';
import type { MongodbConnection } from '../connection.ts';
import { scramOf } from '../set-password.ts';
import { checkUsername } from '../username.ts';
import { databaseOf, oneOf, readUsers, type User, type UserPlace } from '../users.ts';

/** The two users that take turns. */
export interface TwinUsers {
  readonly db: string;
  readonly current: User;
  readonly next: User | undefined;
}

/**
 * Reads both users afresh, from the database in which the current one is.
 * @throws RotationError `invalid-secret` if the current one does not exist; `rights-not-cloneable` if it has no password
 */
export async function readTwins(connection: MongodbConnection, pair: TwinPair, place: UserPlace): Promise<TwinUsers> {
  checkUsername(pair.next, connection.where);
  const db = await databaseOf(connection, pair.current, place);
  const users = await readUsers(connection, db, [pair.current, pair.next], place.kind);
  const current = oneOf(users, pair.current, db, connection);
  if (scramOf(current.mechanisms)?.length === 0) {
    throw new RotationError('rights-not-cloneable', {
      message: `${quoted(pair.current)} has no password: it authenticates by other means, which cannot be given to another user`,
      endpoint: connection.where.endpoint,
      user: pair.current,
      remedy: 'Give the user a password (updateUser). Nothing has been changed.',
    });
  }
  return { db, current, next: users.find(({ user }) => user === pair.next) };
}
