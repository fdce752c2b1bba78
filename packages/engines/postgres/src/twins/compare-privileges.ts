import type { TwinPair } from '@keyturn/core';
import type { PgConnection } from '@keyturn/driver-pg';
import { allDifferences } from './differences.ts';
import { ownDifferencesHere, withOtherPlaces } from './places.ts';
import { shownName } from './printable.ts';
import { readTwinState } from './twin-state.ts';

/** Names every difference between the two, in one round trip where the twin holds nothing of its own. */
export async function comparePrivileges(connection: PgConnection, pair: TwinPair): Promise<readonly string[]> {
  const state = await readTwinState(connection, pair);
  const { base } = state;
  if (base === undefined) return [`there is no role ${shownName(pair.base)}`];
  const here = allDifferences(state, base, await ownDifferencesHere(connection, pair, state));
  return withOtherPlaces(connection, pair, state, async (places, barred) => [
    ...here.map(({ text }) => text),
    ...places.flatMap(({ database, differences }) =>
      differences.map(({ text }) => `${text} in database ${shownName(database ?? '')}`),
    ),
    ...barred.map(({ text }) => text),
  ]);
}
