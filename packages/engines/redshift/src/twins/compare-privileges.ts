import type { TwinPair } from '@keyturn/core';
import type { PgConnection } from '@keyturn/driver-pg';
import { shownName } from '../quoting.ts';
import { readHere, type TwinOptions, withOtherPlaces } from './places.ts';
import { inDatabase } from './refusals.ts';
import { rowsOf } from './snapshot.ts';

/** Names every difference between the two, in one round trip for each database. */
export async function comparePrivileges(
  connection: PgConnection,
  pair: TwinPair,
  options: TwinOptions,
): Promise<readonly string[]> {
  const here = await readHere(connection, pair, options);
  const users = rowsOf(here.snapshot, 'users').map(({ usename }) => usename);
  const missing = [pair.current, pair.next].filter((name) => !users.includes(name));
  if (missing.length > 0) return missing.map((name) => `there is no user ${shownName(name)}`);
  return withOtherPlaces(here, pair, options, async (others) =>
    [here, ...others].flatMap(({ differences, database }) =>
      differences.map(({ text }) => text + inDatabase(database)),
    ),
  );
}
