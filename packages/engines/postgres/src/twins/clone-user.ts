import { type CloneReport, quoted, RotationError, type TwinPair } from '@keyturn/core';
import type { PgConnection } from '@keyturn/driver-pg';
import { checkName } from '../quoting.ts';
import { describeSession } from '../session.ts';
import type { Difference } from './difference.ts';
import { allDifferences } from './differences.ts';
import { findLoans } from './loans.ts';
import { ownDifferencesHere, type Place, withOtherPlaces } from './places.ts';
import { missingRights, missingStatements, notCloneable, type Unsettled } from './refusals.ts';
import { Collision, type Failure, settle, type Work } from './transaction.ts';
import { readTwinState, type TwinState } from './twin-state.ts';

/** Another session's change is read anew this often. */
const mostAttempts = 5;

/**
 * Makes the twin a second login of the base, whichever of the two is next. One round trip where nothing is to be
 * done; else everything is done in one transaction for each database.
 */
export async function cloneUser(connection: PgConnection, pair: TwinPair): Promise<CloneReport> {
  checkName(pair.base, 'username');
  checkName(pair.twin, 'username');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await cloneOnce(connection, pair);
    } catch (error) {
      if (!(error instanceof Collision)) throw error;
      if (attempt < mostAttempts) continue;
      throw new RotationError('statement-failed', {
        ...connection.where,
        message: 'other sessions keep changing the same roles',
        remedy: 'See which sessions those are (pg_stat_activity), then rotate again.',
      });
    }
  }
}

async function cloneOnce(connection: PgConnection, pair: TwinPair): Promise<CloneReport> {
  const state = await readTwinState(connection, pair);
  const base = existing(connection, state, pair);
  await checkOurs(connection, state, pair);
  const here = allDifferences(state, base, await ownDifferencesHere(connection, pair, state));
  return withOtherPlaces(connection, pair, state, async (others, barred) => {
    const differences = [...here, ...barred];
    const places: readonly Place[] = [...others, { connection, state, differences }];
    const all = places.flatMap((place) => place.differences);
    if (all.length > 0) await settleAll(connection, pair, state, places);
    return report(all, state.twin === undefined);
  });
}

function existing(connection: PgConnection, state: TwinState, pair: TwinPair): NonNullable<TwinState['base']> {
  const current = pair.current === pair.base ? state.base : state.twin;
  if (state.base !== undefined && current !== undefined) return state.base;
  throw new RotationError('statement-failed', {
    ...connection.where,
    message: `the server has no role ${quoted(state.base === undefined ? pair.base : pair.current)}`,
    remedy: 'Check username in the secret: the user without the suffix must exist, and so must that of AWSCURRENT.',
  });
}

/** A member of the base was made its twin: by us, by AWS's functions, or by hand. */
async function checkOurs(connection: PgConnection, state: TwinState, pair: TwinPair): Promise<void> {
  if (state.twin === undefined) return;
  if (state.memberships.some(({ memberIs, roleIs }) => memberIs === 'twin' && roleIs === 'base')) return;
  if (await pair.isKnown()) return;
  throw new RotationError('twin-name-taken', {
    ...connection.where,
    user: pair.next,
    message: `the server has a role ${quoted(pair.next)}, and nothing shows that it belongs to ${quoted(pair.current)}`,
  });
}

async function settleAll(
  connection: PgConnection,
  pair: TwinPair,
  state: TwinState,
  places: readonly Place[],
): Promise<void> {
  const unsettled = places.flatMap(({ differences, database }) =>
    differences.filter(({ steps }) => steps.length === 0).map((difference) => unsettledIn(database, difference)),
  );
  if (unsettled.length > 0) throw notCloneable(connection.where, state, unsettled);
  const todo: { readonly place: Place; readonly work: Work }[] = [];
  for (const place of places.filter(({ differences }) => differences.length > 0)) {
    todo.push({ place, work: await workIn(place, pair) });
  }
  const run = async (end: 'COMMIT' | 'ROLLBACK') => {
    for (const { place, work } of todo) {
      check(connection, place, await settle(place.connection, work, end));
    }
  };
  // No transaction spans databases: all of it is tried before any of it is done.
  if (todo.length > 1) await run('ROLLBACK');
  await run('COMMIT');
}

async function workIn(place: Place, pair: TwinPair): Promise<Work> {
  const { connection, state, differences, database } = place;
  const { preparations } = await describeSession(connection, pair.twin);
  const remaining = async (after: TwinState): Promise<readonly Difference[]> => {
    const own = await ownDifferencesHere(connection, pair, after);
    if (database !== undefined || after.base === undefined) return own;
    return allDifferences(after, after.base, own);
  };
  const loans = await findLoans(
    connection,
    state,
    differences.flatMap(({ steps }) => steps),
  );
  return { state, base: pair.base, twin: pair.twin, preparations, loans, differences, remaining };
}

function check(connection: PgConnection, { state, database }: Place, failures: readonly Failure[]): void {
  const [first] = failures;
  if (first === undefined) return;
  const missing = missingStatements(state);
  if (missing.length > 0 && failures.some(({ driverCode }) => driverCode === '42501')) {
    throw missingRights(connection.where, state, missing);
  }
  const unsettled = failures.map(({ difference }) => unsettledIn(database, difference));
  throw notCloneable(connection.where, state, unsettled, first.driverCode);
}

function unsettledIn(database: string | undefined, difference: Difference): Unsettled {
  return database === undefined ? { difference } : { difference, database };
}

function report(differences: readonly Difference[], created: boolean): CloneReport {
  const changes = differences.map(({ change }) => change);
  return {
    created,
    given: changes.flatMap((change) => ('given' in change ? [change.given] : [])),
    taken: changes.flatMap((change) => ('taken' in change ? [change.taken] : [])),
  };
}
