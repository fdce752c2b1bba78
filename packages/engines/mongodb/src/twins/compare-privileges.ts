import { quoted, type TwinPair } from '@keyturn/core';
import type { MongodbConnection } from '../connection.ts';
import type { UserPlace } from '../users.ts';
import { differencesOf, wordsOf } from './differences.ts';
import { readTwins } from './twin-users.ts';

/** See the contract, `TwinAdmin.comparePrivileges`. */
export async function comparePrivileges(
  connection: MongodbConnection,
  pair: TwinPair,
  place: UserPlace,
): Promise<readonly string[]> {
  const { current, next, db } = await readTwins(connection, pair, place);
  if (next === undefined) return [`there is no user ${quoted(pair.next)} in the database ${quoted(db)}`];
  return wordsOf(differencesOf(current, next), pair.next);
}
