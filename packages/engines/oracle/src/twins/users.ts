import { RotationError, type TwinPair } from '@keyturn/core';
import type { OracleConnection } from '../connection.ts';
import { dictionaryName } from '../names.ts';
import { stringLiteral } from '../quoting.ts';
import { logsIn } from '../set-password.ts';
import type { Difference } from './differences.ts';
import { readRights } from './read-rights.ts';
import type { UserRights } from './rights.ts';
import type { SharedSchema } from './shared-schema.ts';

/** The rights of the two users. */
export interface TwinRights {
  readonly current: UserRights;
  /** Undefined where there is no such user. */
  readonly next: UserRights | undefined;
  /** Undefined: the two share no schema. */
  readonly shared: SharedSchema | undefined;
}

export interface TwinOptions {
  readonly sharedSchema: boolean;
}

/**
 * Reads both users.
 * @throws RotationError `invalid-secret` if the current one does not exist; `twin-name-taken` if a role has the name of
 *   the next; `twin-name-too-long`; `rights-not-cloneable` for a user of Oracle's own; `missing-privilege`
 */
export async function readTwins(
  connection: OracleConnection,
  pair: TwinPair,
  { sharedSchema }: TwinOptions,
): Promise<TwinRights> {
  const [current, next] = [dictionaryName(pair.current), dictionaryName(pair.next)];
  const { endpoint } = connection.where;
  if (current === next) {
    throw new RotationError('invalid-configuration', {
      message: 'the server takes the names of the two users for one',
      endpoint,
      user: pair.next,
    });
  }
  if (Buffer.byteLength(next) > connection.longestName) {
    throw new RotationError('twin-name-too-long', {
      message: `the name of the other user takes more than the ${connection.longestName} bytes that this server allows`,
      endpoint,
      user: pair.next,
    });
  }
  const names = { base: dictionaryName(pair.base), twin: dictionaryName(pair.twin) };
  const { users, roles, shared } = await readRights(connection, [current, next], sharedSchema ? names : undefined);
  if (roles.has(next)) {
    throw new RotationError('twin-name-taken', { message: 'a role has this name', endpoint, user: pair.next });
  }
  const known = users.get(current);
  if (known === undefined) {
    throw new RotationError('invalid-secret', {
      message: 'the server knows no user of this name',
      endpoint,
      user: pair.current,
      remedy: 'Create the user, or check username in the secret.',
    });
  }
  for (const { account, name } of [known, users.get(next) ?? known]) {
    if (!account.isSpecial) continue;
    throw new RotationError('rights-not-cloneable', {
      message: "the user is one of Oracle's own, or of all containers",
      endpoint,
      user: name,
      remedy: 'Give the application a user of its own in its own database.',
    });
  }
  return { current: known, next: users.get(next), shared };
}

/** What a user that was made here, and has no password yet, is called outside: it shows whose it is. */
function markOf(pair: TwinPair): string {
  return `keyturn: ${dictionaryName(pair.next)} takes turns with ${dictionaryName(pair.next === pair.twin ? pair.base : pair.twin)}`;
}

/** The clause that gives a user this mark, by which nobody can log in. */
export function markClause(pair: TwinPair): string {
  return `IDENTIFIED EXTERNALLY AS ${stringLiteral(markOf(pair))} ACCOUNT LOCK`;
}

/**
 * Makes sure that the user that is there is this secret's.
 * @throws RotationError `twin-name-taken`
 */
export async function checkOurs(
  connection: OracleConnection,
  next: UserRights,
  differences: readonly Difference[],
  pair: TwinPair,
): Promise<void> {
  if (next.account.externalName === markOf(pair)) return;
  const equal = differences.length === 0;
  if (equal && hasMoreThanALogin(next)) return;
  if (await pair.isKnown()) return;
  // A refused login counts against the user. One that has never logged in has nobody to lock out, and of two that may
  // do the same one is hardly a stranger.
  const mayAsk = next.account.authentication === 'PASSWORD' && (equal || !next.account.hasLoggedIn);
  if (mayAsk && (await logsIn(connection, pair.next, pair.password))) return;
  throw new RotationError('twin-name-taken', {
    message: 'a user has this name that no other version of the secret names',
    endpoint: connection.where.endpoint,
    user: pair.next,
  });
}

/** Two users that may do nothing but log in are equal by chance. */
function hasMoreThanALogin({ rights }: UserRights): boolean {
  return [...rights.values()].some(
    ({ target }) =>
      !(target.kind === 'system' && target.privilege === 'CREATE SESSION') &&
      !(target.kind === 'role' && ['CONNECT', 'RESOURCE'].includes(target.role)) &&
      target.kind !== 'quota',
  );
}
