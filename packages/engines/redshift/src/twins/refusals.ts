import type { Where } from '@keyturn/connection';
import { RotationError, type TwinPair } from '@keyturn/core';
import { printableName, printableSql, shownName } from '../quoting.ts';
import type { Difference } from './differences.ts';

/** So many rights a message names; the rest it counts. */
const mostNamed = 20;

/** What cannot be settled in one database. */
export interface Unsettled {
  readonly difference: Difference;
  /** @default - the database of the master's login */
  readonly database?: string | undefined;
}

/** The master is no superuser: it sees only a part of the rights, and could not give them. */
export function notSuperuser(where: Where, me: string): RotationError {
  return new RotationError('missing-privilege', {
    ...where,
    message: `the administrator ${shownName(me)} is no superuser, so it does not see all rights of other users`,
    remedy: `Run as a superuser: ALTER USER ${printableName(me)} CREATEUSER; or name a superuser in the master secret.`,
  });
}

/** The master may not read one of Redshift's views. */
export function cannotRead(where: Where, me: string, driverCode: string): RotationError {
  return new RotationError('missing-privilege', {
    ...where,
    driverCode,
    message: 'the administrator may not read the rights of other users',
    remedy: `Run as a superuser: ALTER USER ${printableName(me)} CREATEUSER; GRANT ROLE sys:secadmin TO ${printableName(me)}`,
  });
}

/** Rights that the master cannot give or take: each is named, with the statement that would. */
export function notCloneable(
  where: Where,
  pair: TwinPair,
  unsettled: readonly Unsettled[],
  driverCode?: string,
): RotationError {
  const named = unsettled.slice(0, mostNamed);
  const more = unsettled.length > named.length ? [`and ${unsettled.length - named.length} more`] : [];
  const texts = named.map(({ difference, database }) => difference.text + inDatabase(database));
  const statements = named.flatMap(({ difference, database }) =>
    (difference.remedy === undefined ? difference.statements : [difference.remedy]).map(
      (sql) => `${printableSql(sql)}${database === undefined ? '' : ` /* in database ${shownName(database)} */`}`,
    ),
  );
  const owns = unsettled.some(({ difference }) => / owns /.test(difference.text));
  const advice = owns
    ? "Ownership cannot be shared: give the objects to a user that does not rotate, and grant both users what they need; or choose ownedObjects: 'grant', with which the other user gets every right that can be granted. To give them away, run as a superuser"
    : `Run as a superuser, or take the rights from ${shownName(pair.current)}`;
  return new RotationError('rights-not-cloneable', {
    ...where,
    driverCode,
    message: `the two users cannot be made equal: ${[...texts, ...more].join('; ')}`,
    remedy: `${advice}: ${statements.join('; ')}`,
  });
}

/** Where a difference is, for messages that name more than one database. */
export function inDatabase(database: string | undefined): string {
  return database === undefined ? '' : ` in database ${shownName(database)}`;
}
