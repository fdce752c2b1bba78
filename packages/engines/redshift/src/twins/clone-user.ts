import { type CloneReport, quoted, RotationError, type TwinPair } from '@keyturn/core';
import { type PgConnection, quoteIdentifier } from '@keyturn/driver-pg';
import { unknownDigest } from '../digests.ts';
import { checkName, quoteText } from '../quoting.ts';
import { statementError } from '../statement-errors.ts';
import { canBeMarked, markOf } from './mark.ts';
import { type Place, readHere, type TwinOptions, withOtherPlaces } from './places.ts';
import { notCloneable, type Unsettled } from './refusals.ts';
import { Collision, type Failure, settle, type Work } from './settle.ts';
import { rowsOf, type Snapshot } from './snapshot.ts';

/** Another session's change is read anew this often. */
const mostAttempts = 5;

/** Makes the rights of the next user equal to those of the current one. One round trip where nothing is to be done. */
export async function cloneUser(connection: PgConnection, pair: TwinPair, options: TwinOptions): Promise<CloneReport> {
  checkName(pair.base, 'username');
  checkName(pair.twin, 'username');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await cloneOnce(connection, pair, options);
    } catch (error) {
      if (!(error instanceof Collision)) throw error;
      if (attempt < mostAttempts) continue;
      throw new RotationError('statement-failed', {
        ...connection.where,
        message: 'other sessions keep changing the same users',
        remedy: 'See which sessions those are (STV_SESSIONS, SVV_TRANSACTIONS), then rotate again.',
      });
    }
  }
}

async function cloneOnce(connection: PgConnection, pair: TwinPair, options: TwinOptions): Promise<CloneReport> {
  const here = await readHere(connection, pair, options);
  const { snapshot } = here;
  checkCurrent(connection, snapshot, pair);
  await checkOurs(connection, snapshot, pair);
  const created = !exists(snapshot, pair.next);
  return withOtherPlaces(here, pair, options, async (others) => {
    const first = [...(created ? [creation(snapshot, pair)] : []), ...marking(snapshot, pair)];
    const works: readonly Work[] = [
      { place: here, first },
      ...others.filter(({ differences }) => differences.length > 0).map((place) => ({ place, first: [] })),
    ];
    const everything = works.flatMap(({ place }) => place.differences);
    if (everything.length > 0 || first.length > 0) await settleAll(connection, pair, options, works, created);
    const changes = everything.map(({ change }) => change);
    return {
      created,
      given: changes.flatMap((change) => ('given' in change ? [change.given] : [])),
      taken: changes.flatMap((change) => ('taken' in change ? [change.taken] : [])),
    };
  });
}

function exists(snapshot: Snapshot, name: string): boolean {
  return rowsOf(snapshot, 'users').some(({ usename }) => usename === name);
}

function checkCurrent(connection: PgConnection, snapshot: Snapshot, pair: TwinPair): void {
  if (exists(snapshot, pair.current)) return;
  throw new RotationError('statement-failed', {
    ...connection.where,
    message: `the cluster has no user ${quoted(pair.current)}`,
    remedy: 'Check username in the secret: the user of AWSCURRENT must exist.',
  });
}

async function checkOurs(connection: PgConnection, snapshot: Snapshot, pair: TwinPair): Promise<void> {
  if (!exists(snapshot, pair.next)) return;
  if (isMarked(snapshot, pair, pair.next) && isMarked(snapshot, pair, pair.current)) return;
  if (await pair.isKnown()) return;
  throw new RotationError('twin-name-taken', {
    ...connection.where,
    user: pair.next,
    message: `the cluster has a user ${quoted(pair.next)}, and nothing shows that it belongs to ${quoted(pair.current)}`,
  });
}

function isMarked(snapshot: Snapshot, pair: TwinPair, user: string): boolean {
  return rowsOf(snapshot, 'groups').some(({ usename, groname }) => usename === user && groname === markOf(pair.base));
}

/** Makes a user that nobody can log in as. A superuser's password cannot be disabled, so it gets one that nobody knows. */
function creation(snapshot: Snapshot, pair: TwinPair): string {
  const current = rowsOf(snapshot, 'users').find(({ usename }) => usename === pair.current);
  const password = current?.usesuper === true ? quoteText(unknownDigest()) : 'DISABLE';
  return `CREATE USER ${quoteIdentifier(pair.next)} PASSWORD ${password}`;
}

/** A group of that name that is there already may have grants: nobody is added to it. */
function marking(snapshot: Snapshot, pair: TwinPair): readonly string[] {
  if (!canBeMarked(pair.base) || rowsOf(snapshot, 'mark').length > 0) return [];
  const group = quoteIdentifier(markOf(pair.base));
  return [
    `CREATE GROUP ${group}`,
    ...[pair.current, pair.next].map((user) => `ALTER GROUP ${group} ADD USER ${quoteIdentifier(user)}`),
  ];
}

async function settleAll(
  connection: PgConnection,
  pair: TwinPair,
  options: TwinOptions,
  works: readonly Work[],
  created: boolean,
): Promise<void> {
  const refuse = (unsettled: readonly Unsettled[], driverCode?: string) => {
    if (unsettled.length > 0) throw notCloneable(connection.where, pair, unsettled, driverCode);
  };
  refuse(
    works.flatMap(({ place }) =>
      place.differences
        .filter(({ statements }) => statements.length === 0)
        .map((difference) => ({ difference, database: place.database })),
    ),
  );
  const run = async (work: Work, end: 'COMMIT' | 'ROLLBACK') => {
    const failures: readonly Failure[] = await settle(work, pair, options, end);
    refuse(
      failures.map(({ difference }) => ({ difference, database: work.place.database })),
      failures[0]?.driverCode,
    );
  };
  const [main, ...others] = works;
  if (main === undefined) return;
  if (others.length === 0) return run(main, 'COMMIT');
  // No transaction spans databases, and the others see a new user only once it is there: all of it is tried first.
  await run(main, 'ROLLBACK');
  const prepared = created ? await makeBefore(main, pair) : main;
  try {
    for (const work of others) await run(work, 'ROLLBACK');
  } catch (error) {
    if (created) await unmake(main.place, pair);
    throw error;
  }
  for (const work of [...others, prepared]) await run(work, 'COMMIT');
}

async function makeBefore(main: Work, pair: TwinPair): Promise<Work> {
  const [create = '', ...rest] = main.first;
  try {
    await main.place.connection.run(create);
  } catch (error) {
    throw collisionOr(error, main.place, pair);
  }
  return { ...main, first: rest };
}

function collisionOr(error: unknown, { connection }: Place, pair: TwinPair): Error {
  const failure = statementError(error, connection.where);
  return failure.driverCode === '42710' ? new Collision() : failure.with({ user: pair.next });
}

/** A user without rights and without a password does no harm, but nothing shall have been changed. */
async function unmake({ connection }: Place, pair: TwinPair): Promise<void> {
  try {
    await connection.run(`DROP USER ${quoteIdentifier(pair.next)}`);
  } catch (error) {
    throw statementError(error, connection.where);
  }
}
