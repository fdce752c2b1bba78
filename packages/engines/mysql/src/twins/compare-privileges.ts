import type { TwinPair } from '@keyturn/core';
import type { MysqlConnection } from '../connection.ts';
import { type Difference, differencesOf } from './differences.ts';
import { readMaster } from './master.ts';
import { missingObjects } from './missing-objects.ts';
import { isAboutMissing } from './plan.ts';
import { readTwins } from './users.ts';
import { differenceWords } from './words.ts';

/** See the contract, `TwinAdmin.comparePrivileges`. */
export async function comparePrivileges(connection: MysqlConnection, pair: TwinPair): Promise<readonly string[]> {
  const { current, next } = await readTwins(connection, pair);
  const differences = await thatMatter(connection, differencesOf(current, next));
  return differences.flatMap((difference) => differenceWords(difference, pair.current, pair.next));
}

/** Without the rights in columns and routines that do not exist: they allow nothing, and cannot be given. */
async function thatMatter(
  connection: MysqlConnection,
  differences: readonly Difference[],
): Promise<readonly Difference[]> {
  const missing = await missingObjects(connection, differences);
  if (missing.size === 0) return differences;
  const master = await readMaster(connection);
  return differences.filter(
    (difference) =>
      difference.kind !== 'grant' ||
      !isAboutMissing(difference, missing) ||
      // What the master has no right in it does not see.
      master.cannotGive(difference.scope, difference.lacking).length > 0,
  );
}
