import type { TwinPair } from '@keyturn/core';
import { quoteIdentifier } from '@keyturn/driver-pg';
import { shownName } from '../quoting.ts';
import { resetOf } from './attributes.ts';
import { holdingsOf } from './holdings.ts';
import type { Attribute, Holdings, Right, Users } from './right.ts';
import type { Snapshot } from './snapshot.ts';

/** One way in which the two users may not do the same, and how it is settled. */
export interface Difference {
  /** Names it: `app_clone lacks CREATEDB`. */
  readonly text: string;
  /** What is given, or taken, by settling it, for the log. */
  readonly change: { readonly given: string } | { readonly taken: string };
  /** In their order. Empty: only a person can settle it, as `remedy` says. */
  readonly statements: readonly string[];
  readonly remedy?: string;
}

/** Everything that the two users hold, as one snapshot shows it. */
export function differencesIn(
  snapshot: Snapshot,
  pair: TwinPair,
  ownedObjects: 'refuse' | 'grant',
): readonly Difference[] {
  const current = holdingsOf(snapshot, pair.current, pair.next, ownedObjects);
  const next = holdingsOf(snapshot, pair.next, pair.current, ownedObjects);
  return [
    ...rightDifferences(current, next, pair),
    ...attributeDifferences(current, next, pair),
    ...ownershipDifferences(current, pair.current, ownershipRemedy),
    ...ownershipDifferences(next, pair.next, ownershipRemedy),
  ];
}

function rightDifferences(current: Holdings, next: Holdings, pair: TwinPair): readonly Difference[] {
  const has = byKey(current.rights);
  const got = byKey(next.rights);
  const toNext = usersOf(pair.next, pair.current);
  const toCurrent = usersOf(pair.current, pair.next);
  // First what is taken: with a privilege on a table goes the same one on its columns.
  return [
    ...[...got.values()].flatMap((right) => {
      const same = has.get(right.key);
      if (same !== undefined) return optionBeyond(right, same, pair.next, toNext);
      // What it cannot lose, the other one gets.
      return right.implied === true
        ? lacking(right, undefined, pair.current, toCurrent)
        : [beyond(right, pair.next, toNext)];
    }),
    ...[...has.values()].flatMap((right) => lacking(right, got.get(right.key), pair.next, toNext)),
  ];
}

function lacking(right: Right, same: Right | undefined, who: string, users: Users): readonly Difference[] {
  const { shown, option, remedy } = right;
  if (same !== undefined && (option !== true || same.option !== false)) return [];
  const named = option === true ? `${shown} WITH ${optionWord(right)}` : shown;
  const statements = remedy === undefined ? [right.give(users, option === true)] : [];
  const difference = { text: `${shownName(who)} lacks ${named}`, change: { given: named }, statements };
  return [remedy === undefined ? difference : { ...difference, remedy: remedy(users) }];
}

function optionBeyond(right: Right, same: Right, who: string, users: Users): readonly Difference[] {
  if (right.option !== true || same.option !== false || right.takeOption === undefined) return [];
  const named = `the ${optionWord(right)} of ${right.shown}`;
  return [
    { text: `${shownName(who)} has ${named} beyond`, change: { taken: named }, statements: [right.takeOption(users)] },
  ];
}

function beyond(right: Right, who: string, users: Users): Difference {
  const { shown, remedy } = right;
  const difference = { text: `${shownName(who)} has ${shown} beyond`, change: { taken: shown } };
  return remedy === undefined
    ? { ...difference, statements: [right.take(users)] }
    : { ...difference, statements: [], remedy: `take ${shown} from ${users.user}` };
}

function optionWord({ shown }: Right): string {
  return shown.startsWith('ROLE ') ? 'ADMIN OPTION' : 'GRANT OPTION';
}

function attributeDifferences(current: Holdings, next: Holdings, pair: TwinPair): readonly Difference[] {
  const name = quoteIdentifier(pair.next);
  const got = new Map(next.attributes.map((attribute) => [attribute.name, attribute]));
  const has = new Set(current.attributes.map((attribute) => attribute.name));
  const given = current.attributes
    .filter((attribute) => got.get(attribute.name)?.shown !== attribute.shown)
    .map((attribute) => ({
      text: `${shownName(pair.next)} lacks ${attribute.shown}`,
      change: { given: attribute.shown },
      statements: attribute.set(name),
    }));
  const taken = next.attributes
    .filter((attribute) => !has.has(attribute.name))
    .flatMap((attribute) => reset(attribute, pair.next));
  return [...taken, ...given];
}

function reset(attribute: Attribute, user: string): readonly Difference[] {
  const sql = resetOf(attribute, quoteIdentifier(user));
  if (sql === undefined) return [];
  const { shown } = attribute;
  return [{ text: `${shownName(user)} has ${shown} beyond`, change: { taken: shown }, statements: [sql] }];
}

const ownershipRemedy = 'a user that does not rotate';

function ownershipDifferences({ owned }: Holdings, owner: string, newOwner: string): readonly Difference[] {
  return owned.map(({ shown, alter }) => ({
    text: `${shownName(owner)} owns ${shown}`,
    change: { given: shown },
    statements: [],
    remedy: `${alter} ${newOwner}`,
  }));
}

/** The same right twice, from two grantors, is one; with the option, if either has it. */
function byKey(rights: readonly Right[]): ReadonlyMap<string, Right> {
  const found = new Map<string, Right>();
  for (const right of rights) {
    const before = found.get(right.key);
    if (before === undefined || right.option === true) found.set(right.key, right);
  }
  return found;
}

function usersOf(user: string, other: string): Users {
  return { user: quoteIdentifier(user), other: quoteIdentifier(other) };
}
