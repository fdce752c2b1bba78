import type { TwinPair } from '@keyturn/core';
import type { OracleConnection } from '../connection.ts';
import { dictionaryName } from '../names.ts';
import { differencesIn } from './clone-user.ts';
import { readTwins, type TwinOptions } from './users.ts';
import { differenceWords, nameWords } from './words.ts';

/** See the contract, `TwinAdmin.comparePrivileges`. */
export async function comparePrivileges(
  connection: OracleConnection,
  pair: TwinPair,
  options: TwinOptions,
): Promise<readonly string[]> {
  const twins = await readTwins(connection, pair, options);
  if (twins.next === undefined) {
    return [`${nameWords(dictionaryName(pair.next))} does not exist, ${nameWords(twins.current.name)} does`];
  }
  const { name: next } = twins.next;
  return differencesIn(twins, pair).flatMap((difference) => differenceWords(difference, twins.current.name, next));
}
