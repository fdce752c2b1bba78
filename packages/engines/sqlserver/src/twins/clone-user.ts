import { type CloneReport, RotationError, type TwinPair } from '@keyturn/core';
import type { SqlServerConnection } from '../connection.ts';
import { checkName } from '../quoting.ts';
import { checkCloneable, checkMaster, checkOurs, checkPair } from './check.ts';
import type { Difference } from './difference.ts';
import { differencesOf, type Ownership } from './differences.ts';
import { readState } from './read-state.ts';
import { inOneTransaction, isCollision } from './run.ts';
import { listed } from './words.ts';

/** Another session's change is read anew this often. */
const mostAttempts = 3;

/** Makes the two users equal, in one transaction: see {@link TwinAdmin.cloneUser}. */
export async function cloneUser(
  connection: SqlServerConnection,
  pair: TwinPair,
  owners: Ownership,
): Promise<CloneReport> {
  checkName(pair.next, 'the name of the other user');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await cloneOnce(connection, pair, owners);
    } catch (error) {
      if (attempt === mostAttempts || !isCollision(error)) throw error;
    }
  }
}

async function cloneOnce(connection: SqlServerConnection, pair: TwinPair, owners: Ownership): Promise<CloneReport> {
  const state = await readState(connection, pair);
  checkPair(connection, state, pair);
  await checkOurs(connection, state, pair);
  const differences = differencesOf(state, pair, owners);
  if (differences.length > 0) {
    checkCloneable(connection, state, differences);
    checkMaster(connection, state, differences);
    await inOneTransaction(connection, state, differences, () => checkDone(connection, pair, owners));
  }
  return report(differences, state.nextName === undefined);
}

async function checkDone(connection: SqlServerConnection, pair: TwinPair, owners: Ownership): Promise<void> {
  const state = await readState(connection, pair);
  const left = differencesOf(state, pair, owners);
  if (left.length === 0) return;
  throw new RotationError('rights-not-cloneable', {
    message: `the server took the statements, and yet: ${listed(left.map(({ text }) => text))}`,
    endpoint: connection.where.endpoint,
    user: connection.where.user,
    remedy: 'What somebody else has given only he, or a member of sysadmin, can take. Nothing has been changed.',
  });
}

function report(differences: readonly Difference[], created: boolean): CloneReport {
  return {
    created,
    given: differences.flatMap(({ change }) => ('given' in change ? [change.given] : [])),
    taken: differences.flatMap(({ change }) => ('taken' in change ? [change.taken] : [])),
  };
}
