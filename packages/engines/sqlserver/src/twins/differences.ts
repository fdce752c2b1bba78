import type { TwinPair } from '@keyturn/core';
import type { SqlServerOptions } from '../engine.ts';
import type { Difference } from './difference.ts';
import { loginDifferences } from './login-differences.ts';
import { ownership } from './ownership.ts';
import { permissionDifferences } from './permission-differences.ts';
import type { Place, TwinState } from './rights.ts';
import { ownerDifferences, roleDifferences, userDifferences } from './user-differences.ts';

/** How {@link SqlServerOptions.ownership} is read everywhere. */
export type Ownership = NonNullable<SqlServerOptions['ownership']>;

/** Every way in which the two users may not do the same. */
export function differencesOf(state: TwinState, pair: TwinPair, owners: Ownership): readonly Difference[] {
  return state.places.flatMap((place) => {
    const owned = owners === 'ignore' ? [] : ownership(place);
    return [
      ...owned,
      ...(place.database === undefined ? ofServer(place, state, pair) : ofDatabase(place, state, pair)),
    ];
  });
}

function namesOf({ currentName, nextName }: TwinState, pair: TwinPair): readonly string[] {
  return [pair.current, pair.next, currentName, nextName].filter((name) => name !== undefined);
}

function ofServer(place: Place, state: TwinState, pair: TwinPair): readonly Difference[] {
  return [
    ...loginDifferences(place, state.markedSid),
    ...roleDifferences(place),
    ...permissionDifferences(place, namesOf(state, pair)),
  ];
}

function ofDatabase(place: Place, state: TwinState, pair: TwinPair): readonly Difference[] {
  const nextLogin = state.nextName ?? pair.next;
  const users = { kind: state.kind, nextLogin, markedSid: state.markedSid };
  const { current, next } = place;
  // Whoever owns the database is its dbo, and can be given nothing there.
  if (next.isDbo) return [];
  if (current.isDbo) {
    const made = next.exists
      ? []
      : userDifferences({ ...place, current: { ...current, attributes: new Map() } }, users);
    return [...made, ...ownerDifferences(place)];
  }
  if (!current.exists) return userDifferences(place, users);
  const names = [...namesOf(state, pair), current.name, next.name];
  return [...userDifferences(place, users), ...roleDifferences(place), ...permissionDifferences(place, names)];
}
