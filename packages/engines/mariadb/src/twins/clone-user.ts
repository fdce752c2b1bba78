import { type CloneReport, RotationError, type TwinPair } from '@keyturn/core';
import type { MariadbConnection } from '../connection.ts';
import { checkEncrypted, type PasswordForm } from '../set-password.ts';
import { checkMaster } from './check-master.ts';
import { differencesOf, isAboutLogin } from './differences.ts';
import { readMaster } from './master.ts';
import { missingObjects } from './missing-objects.ts';
import { checkOwnership } from './ownership.ts';
import { type PlannedStatement, planOf, withAccountsToMake } from './plan.ts';
import { mayBeOutdated, runStatements } from './run-statements.ts';
import { checkMethods, readTwins, type TwinRights } from './users.ts';
import { differenceWords, listed } from './words.ts';

/**
 * How often the users are read and what differs is settled: once; once more for what a REVOKE has taken
 * along (rights in columns with those in their table); and twice for what others change meanwhile.
 */
const mostRounds = 4;

/** See the contract, `TwinAdmin.cloneUser`. Accounts of the next user log in only when all else is equal. */
export async function cloneUser(
  connection: MariadbConnection,
  pair: TwinPair,
  form: PasswordForm,
): Promise<CloneReport> {
  checkEncrypted(connection, form);
  let twins = await readTwins(connection, pair);
  const created = twins.next.size === 0;
  checkMethods(twins.current, pair, connection.where.endpoint);
  const differences = differencesOf(twins.current, twins.next);
  await checkOwnership(connection, twins, differences, pair);
  if (differences.length === 0) return { created, given: [], taken: [] };
  let missing = await checkMasterFor(connection, twins);
  const done: PlannedStatement[] = [];
  for (let round = 1; ; round += 1) {
    const plan = planOf(twins, pair, { password: pair.password, form }, missing);
    const statements = plan.rights.length > 0 ? plan.rights : plan.logins;
    if (statements.length === 0) return report(created, done);
    if (round > mostRounds) throw unsettled(connection, twins, pair);
    try {
      await runStatements(connection, statements);
      done.push(...statements);
      if (plan.rights.length === 0) return report(created, done);
    } catch (error) {
      if (round === mostRounds || !mayBeOutdated(error)) throw error;
    }
    twins = await readTwins(connection, pair);
    missing = await missingFor(connection, twins);
  }
}

async function checkMasterFor(connection: MariadbConnection, twins: TwinRights): Promise<ReadonlySet<string>> {
  const missing = await missingFor(connection, twins);
  const grants = differencesOf(twins.current, withAccountsToMake(twins).next).filter(({ kind }) => kind === 'grant');
  const others = differencesOf(twins.current, twins.next).filter(({ kind }) => kind !== 'grant');
  checkMaster(connection, await readMaster(connection), [...grants, ...others], missing);
  return missing;
}

function missingFor(connection: MariadbConnection, twins: TwinRights): Promise<ReadonlySet<string>> {
  return missingObjects(connection, differencesOf(twins.current, withAccountsToMake(twins).next));
}

function report(created: boolean, done: readonly PlannedStatement[]): CloneReport {
  const words = (effect: PlannedStatement['effect']) => [
    ...new Set(done.filter((statement) => statement.effect === effect).map((statement) => statement.words)),
  ];
  return { created, given: words('gives'), taken: words('takes') };
}

function unsettled(connection: MariadbConnection, twins: TwinRights, pair: TwinPair): RotationError {
  const left = differencesOf(twins.current, twins.next).filter((difference) => !isAboutLogin(difference));
  return new RotationError('rights-not-cloneable', {
    message: `these differences stay whatever is given and taken: ${listed(left.flatMap((difference) => differenceWords(difference, pair.current, pair.next)))}`,
    endpoint: connection.where.endpoint,
    user: pair.next,
    remedy: 'Check that nobody else changes these users meanwhile, then retry.',
  });
}
