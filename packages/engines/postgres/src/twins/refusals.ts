import type { Where } from '@keyturn/connection';
import { RotationError } from '@keyturn/core';
import { quoteName } from '../quoting.ts';
import type { Difference, Step } from './difference.ts';
import { printableSql, shownName } from './printable.ts';
import type { TwinState } from './twin-state.ts';

/** So many rights a message names; the rest it counts. */
const mostNamed = 20;

/** Statements that let a master make and change the twin at all, and that it lacks now. */
export function missingStatements({ me, version, base, twin }: TwinState): readonly string[] {
  // What a superuser has, only a superuser can give: no grant helps.
  if (me.super || base?.super === true) return [];
  const administration = [base, twin].filter((role) => role !== undefined && !role.administered && version >= 160_000);
  return [
    ...(me.createrole ? [] : [`ALTER ROLE ${quoteName(me.name)} CREATEROLE`]),
    // From 16 on CREATEROLE alone no longer reaches roles that others made.
    ...administration.map((role) => `GRANT ${quoteName(role?.name ?? '')} TO ${quoteName(me.name)} WITH ADMIN OPTION`),
  ];
}

/** The master cannot make or change the twin. */
export function missingRights(where: Where, state: TwinState, statements: readonly string[]): RotationError {
  return new RotationError('missing-privilege', {
    ...where,
    message: `the administrator may not make ${shownName(state.twinName)} a twin of ${shownName(state.base?.name ?? '')}`,
    remedy: `Run as a superuser, or on RDS as the owner of the roles: ${statements.map(printableSql).join('; ')}`,
    driverCode: '42501',
  });
}

/** What cannot be settled, each with the statements that a person can run. */
export interface Unsettled {
  readonly difference: Difference;
  /** @default - another database than the connection's */
  readonly database?: string;
}

/** Rights that the master cannot give, take or move: each is named, with the statements that would. */
export function notCloneable(
  where: Where,
  state: TwinState,
  unsettled: readonly Unsettled[],
  driverCode?: string,
): RotationError {
  const named = unsettled.slice(0, mostNamed);
  const more = unsettled.length > named.length ? [`and ${unsettled.length - named.length} more`] : [];
  const texts = named.map(({ difference, database }) => `${difference.text}${inDatabase(database)}`);
  const statements = named.flatMap(({ difference, database }) =>
    (difference.remedy === undefined ? difference.steps.map(byHand) : [difference.remedy]).map(
      (sql) => `${printableSql(sql)}${database === undefined ? '' : ` /* in database ${shownName(database)} */`}`,
    ),
  );
  const twinFirst = state.twin === undefined && named.some(({ difference }) => difference.steps.length > 0);
  const all = [...(twinFirst ? makeByHand(state) : []), ...statements];
  return new RotationError('rights-not-cloneable', {
    ...where,
    driverCode,
    message: `the two users cannot be made equal: ${[...texts, ...more].join('; ')}`,
    remedy:
      state.base?.super === true && !state.me.super
        ? `${shownName(state.base.name)} is a superuser: name a superuser in the master secret, or run: ALTER ROLE ${printableSql(quoteName(state.base.name))} NOSUPERUSER`
        : `Run as a superuser, or take the rights from ${shownName(state.base?.name ?? '')}: ${all.join('; ')}`,
  });
}

/** A superuser acts as the owner; other grantors it must say. */
function byHand({ sql, actAs, isOwner }: Step): string {
  return actAs === undefined || isOwner === true ? sql : `SET ROLE ${quoteName(actAs)}; ${sql}; RESET ROLE`;
}

/** Settings and attributes that only others can give need a twin that is there. */
function makeByHand({ base, twinName, me, version }: TwinState): readonly string[] {
  const [first, second] = [quoteName(base?.name ?? ''), quoteName(twinName)];
  return [
    `CREATE ROLE ${second} LOGIN`,
    `GRANT ${first} TO ${second}`,
    ...(version >= 160_000 && !me.super ? [`GRANT ${second} TO ${quoteName(me.name)} WITH ADMIN OPTION`] : []),
  ].map(printableSql);
}

function inDatabase(database: string | undefined): string {
  return database === undefined ? '' : ` in database ${shownName(database)}`;
}
