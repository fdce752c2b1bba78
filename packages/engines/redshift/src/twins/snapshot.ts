import type { TwinPair } from '@keyturn/core';
import type { PgConnection, Row } from '@keyturn/driver-pg';
import { markOf } from './mark.ts';
import { clusterQueries, databaseQueries, type Queries, sessionSettings } from './queries.ts';

/** A row of an answer, by the names of its columns in lower case. */
export type AnswerRow = Row;

/** The rows of every query, by its name. */
export type Snapshot = Readonly<Record<string, readonly AnswerRow[]>>;

/** Whether the whole cluster is asked about, or only what one database keeps for itself. */
export type Extent = 'cluster' | 'database';

/**
 * Asks everything in one round trip.
 * @param before statements that come first, in the same message
 * @throws what the driver throws
 */
export async function readSnapshot(
  connection: PgConnection,
  pair: TwinPair,
  extent: Extent,
  before: readonly string[] = [],
): Promise<Snapshot> {
  const queries = queriesFor(pair, extent);
  const names = Object.keys(queries);
  const answers = await connection.runEach([...before, ...sessionSettings, ...Object.values(queries)].join('; '));
  const rows = answers.slice(-names.length);
  return Object.fromEntries(names.map((name, index) => [name, rows[index] ?? []]));
}

/** The rows of one query. */
export function rowsOf(snapshot: Snapshot, name: string): readonly AnswerRow[] {
  return snapshot[name] ?? [];
}

function queriesFor(pair: TwinPair, extent: Extent): Queries {
  const names = [pair.base, pair.twin];
  const inDatabase = databaseQueries(names);
  return extent === 'database' ? inDatabase : { ...clusterQueries(names, markOf(pair.base)), ...inDatabase };
}
