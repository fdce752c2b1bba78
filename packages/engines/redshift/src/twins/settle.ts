import type { TwinPair } from '@keyturn/core';
import { codeOf, sessionEnded } from '@keyturn/driver-pg';
import { statementError } from '../statement-errors.ts';
import type { Difference } from './differences.ts';
import { differencesOf, type Place, type TwinOptions } from './places.ts';
import { readSnapshot } from './snapshot.ts';

/** One change can undo another: to take a privilege on a table takes it on the columns, too. So often the rest is tried again. */
const mostRounds = 3;

/** Another session has changed the same: everything is read anew. */
export class Collision extends Error {}

/** A difference that cannot be settled, and what the server said. */
export interface Failure {
  readonly difference: Difference;
  readonly driverCode?: string | undefined;
}

/** What is done in one database. */
export interface Work {
  readonly place: Place;
  /** Statements that make the users what they must be before anything is given. */
  readonly first: readonly string[];
}

/**
 * Does everything in one transaction, reads it again before it ends, and ends it so; or rolls it back where anything
 * is left.
 * @returns what is left: nothing has been changed then
 */
export async function settle(
  { place, first }: Work,
  pair: TwinPair,
  options: TwinOptions,
  end: 'COMMIT' | 'ROLLBACK',
): Promise<readonly Failure[]> {
  const { connection, differences, extent } = place;
  const statements = [...first, ...differences.flatMap((difference) => difference.statements)];
  let left = differences;
  try {
    for (let round = 0; round < mostRounds && (round === 0 || left.length > 0); round += 1) {
      const before = round === 0 ? ['BEGIN', ...statements] : left.flatMap((difference) => difference.statements);
      left = differencesOf(await readSnapshot(connection, pair, extent, before), pair, options);
    }
  } catch (error) {
    const ended = sessionEnded(error, connection.where);
    if (ended !== undefined) throw ended;
    await connection.run('ROLLBACK');
    if (collides(codeOf(error))) throw new Collision();
    return [await culprit({ place, first })];
  }
  await run(place, left.length > 0 ? 'ROLLBACK' : end);
  return left.map((difference) => ({ difference }));
}

async function run({ connection }: Place, sql: string): Promise<void> {
  try {
    await connection.run(sql);
  } catch (error) {
    const ended = sessionEnded(error, connection.where);
    if (ended !== undefined) throw ended;
    if (collides(codeOf(error))) throw new Collision();
    throw statementError(error, connection.where);
  }
}

/** Finds, one by one, the statement that fails. */
async function culprit({ place, first }: Work): Promise<Failure> {
  const { connection, differences } = place;
  try {
    await connection.run(['BEGIN', ...first].join('; '));
  } catch (error) {
    const failure = statementError(error, connection.where);
    if (sessionEnded(error, connection.where) === undefined) await connection.run('ROLLBACK');
    if (collides(codeOf(error))) throw new Collision();
    throw failure;
  }
  for (const difference of differences) {
    try {
      if (difference.statements.length > 0) await connection.run(difference.statements.join('; '));
    } catch (error) {
      const ended = sessionEnded(error, connection.where);
      if (ended !== undefined) throw ended;
      await connection.run('ROLLBACK');
      return { difference, driverCode: codeOf(error) };
    }
  }
  await connection.run('ROLLBACK');
  // It failed together, and not one by one: something else has changed meanwhile.
  throw new Collision();
}

/**
 * Another session's change stood in the way: serialization (40001), deadlock (40P01), a user or group that somebody has
 * just made (42710), a row of the catalogue that somebody has just changed (XX000).
 */
function collides(driverCode: string | undefined): boolean {
  return ['40001', '40P01', '42710', 'XX000'].includes(driverCode ?? '');
}
