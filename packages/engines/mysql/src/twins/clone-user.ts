import { type CloneReport, RotationError, type TwinPair } from '@keyturn/core';
import type { MysqlConnection } from '../connection.ts';
import { serverVersion } from '../server-version.ts';
import { checkMaster } from './check-master.ts';
import { differencesOf } from './differences.ts';
import { readMaster } from './master.ts';
import { missingObjects } from './missing-objects.ts';
import { checkOwnership } from './ownership.ts';
import { isAboutMissing, type PlannedStatement, planOf, withAccountsToMake } from './plan.ts';
import { mayBeOutdated, runStatements } from './run-statements.ts';
import { checkMethods, readTwins, type TwinRights } from './users.ts';
import { differenceWords, listed } from './words.ts';

/**
 * How often the users are read and what differs is settled: once; again for what one statement has taken or
 * given along (a REVOKE in a table its columns, a global GRANT the partial revokes, a REVOKE of a role its place
 * among the default roles); and for what others change meanwhile.
 */
const mostRounds = 5;

/** See the contract, `TwinAdmin.cloneUser`. */
export async function cloneUser(connection: MysqlConnection, pair: TwinPair): Promise<CloneReport> {
  const version = await serverVersion(connection);
  let twins = await readTwins(connection, pair);
  const created = twins.next.size === 0;
  checkMethods(twins.current, pair, version, connection.where.endpoint);
  const differences = differencesOf(twins.current, twins.next);
  await checkOwnership(connection, twins, differences, pair);
  if (differences.length === 0) return { created, given: [], taken: [] };
  let missing = await checkMasterFor(connection, twins);
  const done: PlannedStatement[] = [];
  for (let round = 1; ; round += 1) {
    const statements = planOf(twins, pair, version, missing);
    if (statements.length === 0) return report(created, done);
    if (round > mostRounds) throw unsettled(connection, twins, pair, missing);
    try {
      await runStatements(connection, statements, (statement) => done.push(statement));
    } catch (error) {
      if (round === mostRounds || !mayBeOutdated(error)) throw error;
    }
    twins = await readTwins(connection, pair);
    missing = await missingFor(connection, twins);
  }
}

async function checkMasterFor(connection: MysqlConnection, twins: TwinRights): Promise<ReadonlySet<string>> {
  const missing = await missingFor(connection, twins);
  const grants = differencesOf(twins.current, withAccountsToMake(twins).next).filter(({ kind }) => kind === 'grant');
  await checkMaster(connection, await readMaster(connection), twins, grants, missing);
  return missing;
}

function missingFor(connection: MysqlConnection, twins: TwinRights): Promise<ReadonlySet<string>> {
  return missingObjects(connection, differencesOf(twins.current, withAccountsToMake(twins).next));
}

function report(created: boolean, done: readonly PlannedStatement[]): CloneReport {
  const words = (effect: PlannedStatement['effect']) => [
    ...new Set(done.filter((statement) => statement.effect === effect).map((statement) => statement.words)),
  ];
  return { created, given: words('gives'), taken: words('takes') };
}

function unsettled(
  connection: MysqlConnection,
  twins: TwinRights,
  pair: TwinPair,
  missing: ReadonlySet<string>,
): RotationError {
  const left = differencesOf(twins.current, twins.next).filter((difference) => !isAboutMissing(difference, missing));
  return new RotationError('rights-not-cloneable', {
    message: `these differences stay whatever is given and taken: ${listed(left.flatMap((difference) => differenceWords(difference, pair.current, pair.next)))}`,
    endpoint: connection.where.endpoint,
    user: pair.next,
    remedy: 'Check that nobody else changes these users meanwhile, then retry.',
  });
}
