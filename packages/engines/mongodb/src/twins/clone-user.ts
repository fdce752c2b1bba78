import { randomBytes } from 'node:crypto';
import { type CloneReport, quoted, RotationError, type TwinPair } from '@keyturn/core';
import type { MongodbConnection } from '../connection.ts';
import { scramOf } from '../set-password.ts';
import type { User, UserPlace } from '../users.ts';
import { grantRole } from '../users.ts';
import { areNone, type Differences, differencesOf, givenWords, takenWords } from './differences.ts';
import { checkMaster } from './master-rights.ts';
import { readTwins } from './twin-users.ts';

/** See the contract, `TwinAdmin.cloneUser`. */
export async function cloneUser(connection: MongodbConnection, pair: TwinPair, place: UserPlace): Promise<CloneReport> {
  const { db, current, next } = await readTwins(connection, pair, place);
  const nobody: User = { ...current, user: pair.next, roles: [], customData: {}, authenticationRestrictions: [] };
  const differences = differencesOf(current, next ?? nobody);
  if (next !== undefined) {
    await checkOwnership(connection, current, differences, pair);
    if (areNone(differences)) return { created: false, given: [], taken: [] };
  }
  if (place.kind === 'mongodb') {
    await checkMaster(connection, { db, user: pair.next, isNew: next === undefined }, differences);
  }
  const run = (command: Readonly<Record<string, unknown>>) =>
    connection.change(db, command, ({ code }) => (code === 13 ? mayNot(connection, pair, db) : undefined));
  if (next === undefined) await run(creation(current, pair));
  else for (const command of changes(differences, current, pair)) await run(command);
  return { created: next === undefined, given: givenWords(differences), taken: takenWords(differences) };
}

/** One command makes the user with all that it may do: there is no moment at which it exists and may do less. */
function creation(current: User, pair: TwinPair): Readonly<Record<string, unknown>> {
  const { roles, customData, authenticationRestrictions, mechanisms } = current;
  return {
    createUser: pair.next,
    // Nobody knows it: the rotation sets its own last.
    pwd: randomBytes(48).toString('base64url'),
    roles,
    ...(customData === undefined ? {} : { customData }),
    ...(authenticationRestrictions.length === 0 ? {} : { authenticationRestrictions }),
    ...(mechanisms === undefined ? {} : { mechanisms: scramOf(mechanisms) }),
  };
}

/** Each may be repeated. A mechanism comes with a password only: so it is last, when the user may do all else. */
function changes(
  differences: Differences,
  current: User,
  pair: TwinPair,
): readonly Readonly<Record<string, unknown>>[] {
  const { rolesToGive, rolesToTake, mechanismsToGive, mechanismsToTake, customData, authenticationRestrictions } =
    differences;
  const user = pair.next;
  const mechanisms = scramOf(current.mechanisms);
  const onlyTaken = mechanismsToGive.length === 0 && mechanismsToTake.length > 0;
  const fields = {
    ...(customData === undefined ? {} : { customData }),
    ...(authenticationRestrictions === undefined ? {} : { authenticationRestrictions }),
    ...(onlyTaken ? { mechanisms } : {}),
  };
  return [
    ...(Object.keys(fields).length === 0 ? [] : [{ updateUser: user, ...fields }]),
    ...(rolesToGive.length === 0 ? [] : [{ grantRolesToUser: user, roles: rolesToGive }]),
    ...(rolesToTake.length === 0 ? [] : [{ revokeRolesFromUser: user, roles: rolesToTake }]),
    ...(mechanismsToGive.length === 0 ? [] : [{ updateUser: user, pwd: pair.password.reveal(), mechanisms }]),
  ];
}

/**
 * Makes sure that an existing user belongs to the secret: it may do exactly what the current one may, and not
 * nothing, as a rotation leaves it that died after it had made the user; or another version of the secret names it.
 * @throws RotationError `twin-name-taken`
 */
async function checkOwnership(
  { where }: MongodbConnection,
  current: User,
  differences: Differences,
  pair: TwinPair,
): Promise<void> {
  if (areNone(differences) && current.roles.length > 0) return;
  if (await pair.isKnown()) return;
  throw new RotationError('twin-name-taken', {
    message: 'there is a user of this name, and nothing shows that it belongs to this secret',
    endpoint: where.endpoint,
    user: pair.next,
  });
}

function mayNot({ username, database, where }: MongodbConnection, pair: TwinPair, db: string): RotationError {
  return new RotationError('missing-privilege', {
    message: `${quoted(username)} may not make ${quoted(pair.next)} the twin of ${quoted(pair.current)}`,
    endpoint: where.endpoint,
    user: username,
    driverCode: 'Unauthorized',
    remedy: `Run ${grantRole(username, database, { role: 'userAdminAnyDatabase', db: 'admin' })}: it administers the users of ${quoted(db)}, and grants the roles of all databases.`,
  });
}
