import type { TwinPair } from '@keyturn/core';
import type { SqlServerConnection } from '../connection.ts';
import { checkPair } from './check.ts';
import { differencesOf, type Ownership } from './differences.ts';
import { readState } from './read-state.ts';

/** Names every difference between the two users, wherever the server knows one of them. */
export async function comparePrivileges(
  connection: SqlServerConnection,
  pair: TwinPair,
  owners: Ownership,
): Promise<readonly string[]> {
  const state = await readState(connection, pair);
  checkPair(connection, state, pair);
  return differencesOf(state, pair, owners).map(({ text }) => text);
}
