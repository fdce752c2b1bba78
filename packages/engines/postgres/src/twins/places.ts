import { hasCode, type TwinPair } from '@keyturn/core';
import type { PgConnection } from '@keyturn/driver-pg';
import { quoteName } from '../quoting.ts';
import type { Difference } from './difference.ts';
import { ownDifferences } from './own-differences.ts';
import { readOwnRights } from './own-rights.ts';
import { shownName } from './printable.ts';
import { type OwnEntries, readTwinState, type TwinState } from './twin-state.ts';

/** Where something must be settled: a database, and a login to it. */
export interface Place {
  readonly connection: PgConnection;
  readonly state: TwinState;
  readonly differences: readonly Difference[];
  /** Absent: where the connection is. */
  readonly database?: string;
}

/** What the twin holds of its own where the connection is. One round trip, and none where it holds nothing. */
export async function ownDifferencesHere(
  connection: PgConnection,
  pair: TwinPair,
  { base, twin, version, ownEntries }: TwinState,
): Promise<readonly Difference[]> {
  if (base === undefined || twin === undefined || !ownEntries.some(({ here }) => here)) return [];
  return ownDifferences(await readOwnRights(connection, pair, version), { base: base.name, twin: twin.name });
}

/**
 * Lends a login to each other database in which the twin holds something of its own; as a rule there is none.
 * A database that the master cannot log in to is a difference that a person must settle.
 */
export async function withOtherPlaces<T>(
  connection: PgConnection,
  pair: TwinPair,
  state: TwinState,
  use: (places: readonly Place[], barred: readonly Difference[]) => Promise<T>,
): Promise<T> {
  const open: PgConnection[] = [];
  const places: Place[] = [];
  const barred: Difference[] = [];
  try {
    for (const entries of state.ownEntries.filter(({ here }) => !here)) {
      const database = entries.database ?? '';
      const other = await logIn(connection, database);
      if (other === undefined) {
        barred.push(unreachable(entries, state));
        continue;
      }
      open.push(other);
      const stateThere = await readTwinState(other, pair);
      const differences = await ownDifferencesHere(other, pair, stateThere);
      if (differences.length > 0) places.push({ connection: other, state: stateThere, differences, database });
    }
    return await use(places, barred);
  } finally {
    await Promise.all(open.map((other) => other.close()));
  }
}

async function logIn(connection: PgConnection, database: string): Promise<PgConnection | undefined> {
  try {
    return await connection.openAnother(database);
  } catch (error) {
    if (hasCode(error, 'login-not-allowed', 'missing-privilege', 'unknown-database')) return undefined;
    throw error;
  }
}

function unreachable({ database, count }: OwnEntries, { twinName, me }: TwinState): Difference {
  const place = `database ${shownName(database ?? '')}`;
  return {
    text: `${shownName(twinName)} holds ${count === 1 ? 'a right' : `${count} rights`} of its own in ${place}, which the administrator cannot log in to`,
    change: { given: `rights in ${place}` },
    steps: [],
    remedy: `GRANT CONNECT ON DATABASE ${quoteName(database ?? '')} TO ${quoteName(me.name)}`,
  };
}
