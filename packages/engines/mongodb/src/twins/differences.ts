import { quoted } from '@keyturn/core';
import { EJSON } from 'mongodb/lib/bson.js';
import type { Document } from '../messages.ts';
import { scramOf } from '../set-password.ts';
import type { Role, User } from '../users.ts';

/** What one user must get or lose to be like another. */
export interface Differences {
  readonly rolesToGive: readonly Role[];
  readonly rolesToTake: readonly Role[];
  readonly mechanismsToGive: readonly string[];
  readonly mechanismsToTake: readonly string[];
  /** What it must have in place of what it has; undefined where both have the same. */
  readonly customData: Document | undefined;
  readonly authenticationRestrictions: readonly Document[] | undefined;
}

/** In what `next` is not like `current`. */
export function differencesOf(current: User, next: User): Differences {
  const [mechanisms, itsMechanisms] = [scramOf(current.mechanisms) ?? [], scramOf(next.mechanisms) ?? []];
  // A server cannot take the field away; without it is like with nothing in it.
  const data = current.customData ?? {};
  return {
    rolesToGive: current.roles.filter((role) => !next.roles.some((other) => sameRole(role, other))),
    rolesToTake: next.roles.filter((role) => !current.roles.some((other) => sameRole(role, other))),
    mechanismsToGive: mechanisms.filter((name) => !itsMechanisms.includes(name)),
    mechanismsToTake: itsMechanisms.filter((name) => !mechanisms.includes(name)),
    customData: same(data, next.customData ?? {}) ? undefined : data,
    authenticationRestrictions: same(current.authenticationRestrictions, next.authenticationRestrictions)
      ? undefined
      : current.authenticationRestrictions,
  };
}

export function areNone(differences: Differences): boolean {
  return wordsOf(differences, '').length === 0;
}

/** Each difference as a line: what the user `next` lacks, and what it has beyond. */
export function wordsOf(differences: Differences, next: string): readonly string[] {
  const name = quoted(next);
  return [
    ...givenWords(differences).map((right) => `${name} lacks ${right}`),
    ...takenWords(differences).map((right) => `${name} has ${right} beyond`),
  ];
}

/** What `next` gets, one a line. What differs and is no list counts as given. */
export function givenWords(differences: Differences): readonly string[] {
  const { rolesToGive, mechanismsToGive, customData, authenticationRestrictions } = differences;
  return [
    ...rolesToGive.map(roleWords),
    ...mechanismsToGive.map((name) => `the mechanism ${quoted(name)}`),
    ...(customData === undefined ? [] : ['the customData of the other user']),
    ...(authenticationRestrictions === undefined ? [] : ['the authenticationRestrictions of the other user']),
  ];
}

/** What `next` loses, one a line. */
export function takenWords({ rolesToTake, mechanismsToTake }: Differences): readonly string[] {
  return [...rolesToTake.map(roleWords), ...mechanismsToTake.map((name) => `the mechanism ${quoted(name)}`)];
}

export function roleWords({ role, db }: Role): string {
  return `the role ${quoted(role)} of the database ${quoted(db)}`;
}

function sameRole(a: Role, b: Role): boolean {
  return a.role === b.role && a.db === b.db;
}

/** To the type of each number. */
function same(a: object, b: object): boolean {
  return EJSON.stringify(a, { relaxed: false }) === EJSON.stringify(b, { relaxed: false });
}
