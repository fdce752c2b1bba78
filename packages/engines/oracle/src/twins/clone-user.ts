import { type CloneReport, hasCode, RotationError, type TwinPair } from '@keyturn/core';
import type { OracleConnection } from '../connection.ts';
import { dictionaryName } from '../names.ts';
import { identifier } from '../quoting.ts';
import { checkCloneable, checkMaster } from './check-master.ts';
import { type Difference, differencesOf } from './differences.ts';
import { readMaster } from './master.ts';
import { type PlannedStatement, planOf } from './plan.ts';
import type { UserRights } from './rights.ts';
import { mayBeOutdated, runStatement } from './run-statement.ts';
import { sharedDifferences, sharedStatements } from './shared-schema.ts';
import { checkOurs, markClause, readTwins, type TwinOptions, type TwinRights } from './users.ts';
import { differenceWords, listed } from './words.ts';

/**
 * How often the users are read and what differs is settled: once; once more for what the server gives and takes along
 * (UNLIMITED TABLESPACE with the role DBA); and twice for what others change meanwhile.
 */
const mostRounds = 4;

/** See the contract, `TwinAdmin.cloneUser`. */
export async function cloneUser(
  connection: OracleConnection,
  pair: TwinPair,
  options: TwinOptions,
): Promise<CloneReport> {
  const twins = await readTwins(connection, pair, options);
  const created = twins.next === undefined;
  const differences = differencesIn(twins, pair);
  checkCloneable(differences, pair, connection.where.endpoint);
  if (twins.next !== undefined) await checkOurs(connection, twins.next, differences, pair);
  if (!created && differences.length === 0) return { created, given: [], taken: [] };
  checkMaster(connection, await readMaster(connection), differences, created);
  if (created) await create(connection, pair, twins.current, options);
  return { created, ...(await settle(connection, pair, options)) };
}

/** A user that does not exist yet differs in all that it will lack once it is made. */
export function differencesIn({ current, next, shared }: TwinRights, pair: TwinPair): readonly Difference[] {
  return [
    ...differencesOf(current, next ?? unmade(current, dictionaryName(pair.next))),
    ...(shared === undefined ? [] : sharedDifferences(shared)),
  ];
}

function unmade({ account, settings }: UserRights, name: string): UserRights {
  return { name, account, settings, rights: new Map(), defaultRoles: new Set(), owned: [] };
}

async function create(
  connection: OracleConnection,
  pair: TwinPair,
  { settings }: UserRights,
  options: TwinOptions,
): Promise<void> {
  const name = identifier(dictionaryName(pair.next));
  const words = [...settings].flatMap(([setting, value]) =>
    setting === 'EDITIONS'
      ? value === 'ENABLED'
        ? ['ENABLE EDITIONS']
        : []
      : value === ''
        ? []
        : [`${setting} ${identifier(value)}`],
  );
  try {
    await runStatement(connection, `CREATE USER ${name} ${markClause(pair)} ${words.join(' ')}`, 'the user itself');
  } catch (error) {
    // Another invocation has made it meanwhile: the reading that follows says whose it is.
    if (!(hasCode(error, 'twin-name-taken') && (await wasMadeHere(connection, pair, options)))) throw error;
  }
}

async function wasMadeHere(connection: OracleConnection, pair: TwinPair, options: TwinOptions): Promise<boolean> {
  const { current, next } = await readTwins(connection, pair, options);
  if (next === undefined) return false;
  await checkOurs(connection, next, differencesOf(current, next), pair);
  return true;
}

async function settle(
  connection: OracleConnection,
  pair: TwinPair,
  options: TwinOptions,
): Promise<Pick<CloneReport, 'given' | 'taken'>> {
  const done: PlannedStatement[] = [];
  for (let round = 1; ; round += 1) {
    const twins = await readTwins(connection, pair, options);
    const differences = differencesIn(twins, pair);
    if (differences.length === 0) {
      return { given: wordsOf(done, 'gives'), taken: wordsOf(done, 'takes') };
    }
    if (round > mostRounds || twins.next === undefined) throw unsettled(connection, differences, pair);
    checkCloneable(differences, pair, connection.where.endpoint);
    try {
      const plan = [...planOf(twins.current, twins.next, differences), ...sharedStatements(differences)];
      for (const statement of plan) {
        await runStatement(connection, statement.sql, [...statement.gives, ...statement.takes].join(', '));
        done.push(statement);
      }
    } catch (error) {
      if (round === mostRounds || !mayBeOutdated(error)) throw error;
    }
  }
}

function wordsOf(done: readonly PlannedStatement[], effect: 'gives' | 'takes'): readonly string[] {
  return [...new Set(done.flatMap((statement) => statement[effect]))];
}

function unsettled(
  connection: OracleConnection,
  differences: readonly Difference[],
  { current, next }: TwinPair,
): RotationError {
  return new RotationError('rights-not-cloneable', {
    message: `these differences stay whatever is given and taken: ${listed(differences.flatMap((each) => differenceWords(each, dictionaryName(current), dictionaryName(next))))}`,
    endpoint: connection.where.endpoint,
    user: next,
    remedy: 'Check that nobody else changes these users meanwhile, then retry.',
  });
}
