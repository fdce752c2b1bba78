import { RotationError } from '@keyturn/core';
import type { PgConnection } from '@keyturn/driver-pg';
import { codeOf, routineOf } from '@keyturn/driver-pg';
import { quoteName } from '../quoting.ts';
import { statementError } from '../statement-errors.ts';
import { type Difference, type Step, stepsOf } from './difference.ts';
import { fingerprintSql, type Loans } from './loans.ts';
import { plainCatalogue, stateSql } from './state-query.ts';
import { stateOf, type TwinState } from './twin-state.ts';

/** What is to be done in one database, all of it or nothing. */
export interface Work {
  readonly state: TwinState;
  readonly base: string;
  readonly twin: string;
  /** From the session: what makes it fit to write. */
  readonly preparations: readonly string[];
  readonly loans: Loans;
  readonly differences: readonly Difference[];
  /** Every difference that the state shows after the work. */
  readonly remaining: (after: TwinState) => Promise<readonly Difference[]>;
}

/** Another session changed the same roles: what was read is no longer so. */
export class Collision extends Error {}

/** What did not work, each with the server's code. */
export interface Failure {
  readonly difference: Difference;
  readonly driverCode: string | undefined;
}

/** A transaction whose client has gone, or has stopped, ends after this time, in milliseconds. */
const longestIdleMs = 10_000;

/**
 * Does the work in one transaction: one message, whose answer shows what came of it, and a second one that
 * ends it. A rehearsal is undone. @returns what failed; then nothing has been changed
 * @throws RotationError for failures of the connection and of the server; Collision
 */
export async function settle(
  connection: PgConnection,
  work: Work,
  end: 'COMMIT' | 'ROLLBACK',
): Promise<readonly Failure[]> {
  const { loans } = work.loans;
  const statements = [
    ...opening(work),
    ...loans.map(({ take }) => take),
    ...stepsOf(work.differences).map(({ step }) => acting(step, work.state)),
    ...loans.map(({ giveBack }) => giveBack),
    `SELECT s.state, ${fingerprintSql} AS fingerprint FROM (${stateSql(work.base, work.twin)}) AS s`,
  ];
  let rows: readonly Record<string, unknown>[];
  try {
    rows = await connection.run(statements.join('; '));
  } catch (error) {
    const failure = await readFailure(connection, error);
    const failures = await findFailures(connection, work);
    // What failed as a whole and does not fail in parts has had a cause that has passed.
    if (failures.length === 0) throw failure;
    return failures;
  }
  const left = await guarded(connection, () => work.remaining(stateOf(rows)));
  if (left.length > 0) {
    await finish(connection, 'ROLLBACK');
    return left.map((difference) => ({ difference, driverCode: undefined }));
  }
  if (loans.length > 0 && rows[0]?.fingerprint !== work.loans.fingerprint) {
    await finish(connection, 'ROLLBACK');
    throw new RotationError('statement-failed', {
      ...connection.where,
      message: "the administrator's own memberships would not have been what they were before",
      remedy: 'Grant the administrator the two users itself (GRANT … WITH SET TRUE, INHERIT TRUE), then rotate again.',
    });
  }
  await finish(connection, end);
  return [];
}

/** Runs the work step by step, undoes it, and tells what the server refused. */
async function findFailures(connection: PgConnection, work: Work): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const attempt = async (sql: string): Promise<string | undefined> => {
    try {
      await connection.run(`SAVEPOINT keyturn; ${sql}; RELEASE keyturn`);
      return undefined;
    } catch (error) {
      const { driverCode } = await readFailure(connection, error, 'ROLLBACK TO keyturn');
      return driverCode ?? '';
    }
  };
  await guarded(connection, () => connection.run(opening(work).join('; ')));
  for (const { take } of work.loans.loans) await attempt(take);
  for (const { difference, step } of stepsOf(work.differences)) {
    // One failure of a difference tells; its further steps would fail for want of the first.
    if (failures.some((failure) => failure.difference === difference)) continue;
    const driverCode = await attempt(acting(step, work.state));
    if (driverCode === undefined) continue;
    failures.push({ difference, driverCode });
    if (step.fundamental === true) break;
  }
  await finish(connection, 'ROLLBACK');
  return failures;
}

function opening({ preparations }: Work): readonly string[] {
  return [
    'BEGIN ISOLATION LEVEL READ COMMITTED',
    ...preparations,
    `SET LOCAL idle_in_transaction_session_timeout = ${longestIdleMs}`,
    plainCatalogue,
  ];
}

function acting({ sql, actAs, isOwner }: Step, { me }: TwinState): string {
  if (actAs === undefined || actAs === me.name || (me.super && isOwner === true)) return sql;
  return `SET LOCAL ROLE ${quoteName(actAs)}; ${sql}; SET LOCAL ROLE ${quoteName(me.name)}`;
}

/**
 * Leaves the failed transaction, or goes back in it. @returns the error, where the statement itself was refused
 * @throws RotationError where it was not: the connection broke, the server takes no writes, a lock was held too long
 * @throws Collision
 */
async function readFailure(connection: PgConnection, error: unknown, leave = 'ROLLBACK'): Promise<RotationError> {
  const failure = statementError(error, connection.where, 'rights');
  if (error instanceof RotationError || failure.code === 'connection-lost') throw failure;
  await guarded(connection, () => connection.run(leave));
  if (isCollision(error)) throw new Collision();
  if (failure.code !== 'statement-failed') throw failure;
  if (/^(5[3-8]|F0|XX)/.test(failure.driverCode ?? '')) throw failure;
  return failure;
}

/** What a session gets when another one has changed the same roles meanwhile. */
function isCollision(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  if (code === 'XX000') return /^simple_heap_/.test(routineOf(error));
  // Made or dropped meanwhile; serialization failures and deadlocks.
  return /^(42710|23505|40...)$/.test(code);
}

async function finish(connection: PgConnection, end: 'COMMIT' | 'ROLLBACK'): Promise<void> {
  await guarded(connection, () => connection.run(end));
}

async function guarded<T>(connection: PgConnection, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw statementError(error, connection.where, 'rights');
  }
}
