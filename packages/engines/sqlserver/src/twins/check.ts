import { quoted, RotationError, type TwinPair } from '@keyturn/core';
import type { SqlServerConnection } from '../connection.ts';
import { bracket, printable } from '../quoting.ts';
import type { Difference } from './difference.ts';
import type { Place, TwinState } from './rights.ts';
import { listed } from './words.ts';

/**
 * Refuses a pair that cannot be, before anything is concluded from it.
 * @throws RotationError `invalid-secret`, `twin-name-taken`, `missing-privilege`, naming the databases that are closed to the master
 */
export function checkPair({ where }: SqlServerConnection, state: TwinState, pair: TwinPair): void {
  const { endpoint } = where;
  if (state.currentName === undefined) {
    throw new RotationError('invalid-secret', {
      message: 'the server knows no login with a password of this name',
      endpoint,
      user: pair.current,
      remedy:
        'Create the login, or check username in the secret. For a contained user, put its database into dbname of the master secret.',
    });
  }
  if (state.nextIsOther) {
    throw new RotationError('twin-name-taken', {
      message: 'the server has this name already, and it is none that logs in with a password',
      endpoint,
      user: pair.next,
    });
  }
  const master = bracket(state.master.name);
  const blind = state.places.flatMap(({ database, master: { seesAll } }) =>
    database === undefined || seesAll ? [] : [database],
  );
  if (state.closed.length === 0 && blind.length === 0) return;
  const rights = [
    ...(state.closed.length === 0 ? [] : [`CONNECT ANY DATABASE, to look into ${listed(state.closed.map(printable))}`]),
    ...(blind.length === 0 ? [] : [`VIEW DEFINITION in ${listed(blind.map(printable))}`]),
  ];
  const statements = [
    ...(state.closed.length === 0 ? [] : [`GRANT CONNECT ANY DATABASE TO ${master}`]),
    ...blind.map((database) => `USE ${bracket(database)}; GRANT VIEW DEFINITION TO ${master}`),
  ];
  throw new RotationError('missing-privilege', {
    message: `the master lacks ${rights.join(' and ')}`,
    ...where_(where),
    remedy: `Run as an administrator: ${listed(statements)}`,
  });
}

/** @throws RotationError `twin-name-taken` if nothing shows that the next user is this secret's */
export async function checkOurs({ where }: SqlServerConnection, state: TwinState, pair: TwinPair): Promise<void> {
  if (state.nextName === undefined || state.isMarked || (await pair.isKnown())) return;
  throw new RotationError('twin-name-taken', {
    message: `the server has a ${state.kind} of this name, and nothing shows that it belongs to ${quoted(pair.current)}`,
    endpoint: where.endpoint,
    user: pair.next,
  });
}

/** @throws RotationError `rights-not-cloneable`, naming each right that no statement of the master settles */
export function checkCloneable(
  { where }: SqlServerConnection,
  state: TwinState,
  differences: readonly Difference[],
): void {
  const taken = differences.find(({ nameTaken }) => nameTaken === true);
  if (taken !== undefined) {
    throw new RotationError('twin-name-taken', { message: taken.text, ...where_(where), remedy: taken.remedy });
  }
  const closed = (place: Place) => place.database !== undefined && !place.writable;
  const readOnly = new Set(state.places.filter(closed).map(({ database }) => database));
  const unsettled = differences.flatMap(({ text, remedy, database }) => {
    if (remedy !== undefined) return [{ text, remedy }];
    if (database === undefined || !readOnly.has(database)) return [];
    return [
      {
        text,
        remedy: `the database ${printable(database)} takes no writes: make it writable, or settle this by hand when it is`,
      },
    ];
  });
  if (unsettled.length === 0) return;
  throw new RotationError('rights-not-cloneable', {
    message: listed(unsettled.map(({ text }) => text)),
    ...where_(where),
    remedy: `${listed([...new Set(unsettled.map(({ remedy }) => remedy))])}. Nothing has been changed.`,
  });
}

/** @throws RotationError `missing-privilege`, naming what the master lacks for what is to be done */
export function checkMaster(
  { where }: SqlServerConnection,
  state: TwinState,
  differences: readonly Difference[],
): void {
  const missing = state.places.flatMap(({ database, master }) => {
    const needs = new Set(differences.filter((each) => each.database === database).map(({ need }) => need));
    const server = database === undefined;
    return [
      ...(needs.has('users') && !master.altersUsers
        ? [{ database, right: server ? 'ALTER ANY LOGIN' : 'ALTER ANY USER' }]
        : []),
      ...(needs.has('roles') && !master.altersRoles
        ? [{ database, right: server ? 'ALTER ANY SERVER ROLE' : 'ALTER ANY ROLE' }]
        : []),
    ];
  });
  if (missing.length === 0) return;
  const master = bracket(state.master.name);
  throw new RotationError('missing-privilege', {
    message: `the master lacks ${listed(missing.map(({ database, right }) => (database === undefined ? right : `${right} in the database ${printable(database)}`)))}`,
    ...where_(where),
    remedy: `Run as an administrator: ${listed([
      ...new Set(
        missing.map(({ database, right }) =>
          database === undefined
            ? `GRANT ${right} TO ${master}`
            : `USE ${bracket(database)}; CREATE USER ${master}; ALTER ROLE db_owner ADD MEMBER ${master}`,
        ),
      ),
    ])}. Nothing has been changed.`,
  });
}

function where_({ endpoint, user }: SqlServerConnection['where']): {
  readonly endpoint: string;
  readonly user: string;
} {
  return { endpoint, user };
}
