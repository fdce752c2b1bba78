import { bracket, bracketed, printable, words } from '../quoting.ts';
import type { Difference } from './difference.ts';
import type { Permission, PermissionState, Place, Securable } from './rights.ts';
import { permissionWords, placeWords } from './words.ts';

/** Of several grantors' rows on one thing, the strongest is what holds. */
const strength: readonly PermissionState[] = ['R', 'G', 'W', 'D'];

/** The permissions in which the two differ. All that is about one permission on one securable is settled together. */
export function permissionDifferences(place: Place, pair: readonly string[]): readonly Difference[] {
  const mine = byGroup(place.current.permissions, pair);
  const theirs = byGroup(place.next.permissions, pair);
  return [...new Set([...mine.keys(), ...theirs.keys()])].flatMap((group) =>
    ofGroup(place, group, mine.get(group) ?? [], theirs.get(group) ?? []),
  );
}

/** Rights on the two users themselves are left out: nobody can be given a right on himself. */
function byGroup(
  permissions: readonly Permission[],
  pair: readonly string[],
): ReadonlyMap<string, readonly Permission[]> {
  const found = new Map<string, Permission[]>();
  for (const permission of permissions) {
    if (isAboutPair(permission.securable, pair)) continue;
    found.set(permission.group, [...(found.get(permission.group) ?? []), permission]);
  }
  return found;
}

function isAboutPair(securable: Securable | undefined, pair: readonly string[]): boolean {
  if (securable === undefined || (securable.keyword !== 'LOGIN' && securable.keyword !== 'USER')) return false;
  return pair.includes(securable.names[0] ?? '');
}

function ofGroup(
  place: Place,
  group: string,
  mine: readonly Permission[],
  theirs: readonly Permission[],
): readonly Difference[] {
  const wanted = effective(mine);
  const there = effective(theirs);
  const columns = [...new Set([...wanted.keys(), ...there.keys()])].sort();
  const differing = columns.filter((column) => wanted.get(column)?.state !== there.get(column)?.state);
  if (differing.length === 0) return [];
  const statements = settle(place, [...wanted.values()], theirs);
  const remedy = reasonAgainst(place, group, [...mine, ...theirs], theirs);
  return differing.map((column, index) => ({
    ...inWords(place, wanted.get(column), there.get(column)),
    database: place.database,
    // The first stands for all of them.
    statements: index === 0 && remedy === undefined ? statements : [],
    ...(remedy === undefined ? {} : { remedy }),
  }));
}

/** By column, the empty one for the whole: the row that holds. */
function effective(rows: readonly Permission[]): ReadonlyMap<string, Permission> {
  const found = new Map<string, Permission>();
  for (const row of rows) {
    const key = row.column === undefined ? '' : `.${row.column}`;
    const before = found.get(key);
    if (before === undefined || strength.indexOf(row.state) > strength.indexOf(before.state)) found.set(key, row);
  }
  return found;
}

function inWords(
  { current, next, database }: Place,
  wanted: Permission | undefined,
  there: Permission | undefined,
): Pick<Difference, 'text' | 'change'> {
  const [me, other] = [printable(next.name), printable(current.name)];
  const where = placeWords(database);
  if (wanted === undefined) {
    const has = there === undefined ? '' : permissionWords(there, there.state);
    return { text: `${me} has ${has}${where}, ${other} has not`, change: { taken: `${has} FROM ${me}${where}` } };
  }
  const lacks = permissionWords(wanted, wanted.state);
  return { text: `${me} lacks ${lacks}${where}`, change: { given: `${lacks} TO ${me}${where}` } };
}

/** Why no statement of the master settles it. */
function reasonAgainst(
  { current, next }: Place,
  group: string,
  all: readonly Permission[],
  theirs: readonly Permission[],
): string | undefined {
  if (all.some(({ securable }) => securable === undefined)) {
    return 'The catalogue does not show the master what this right is about: take it from both users, or give it to both by hand.';
  }
  const others = (next.handedOn.get(group) ?? []).filter((name) => name !== next.name && name !== current.name);
  if (others.length > 0 && theirs.some(({ state }) => state === 'W')) {
    return `${printable(next.name)} has handed this right on to ${others.map(printable).join(', ')}, who would lose it: give it to them by somebody else first.`;
  }
  return undefined;
}

/** Takes all that is there and gives all that is wanted: what a statement on a table does to its columns never matters. */
function settle(place: Place, wanted: readonly Permission[], there: readonly Permission[]): readonly string[] {
  const wholeFirst = (rows: readonly Permission[]) =>
    rows.toSorted((a, b) => Number(a.column !== undefined) - Number(b.column !== undefined));
  return [...wholeFirst(there).map((row) => revoke(place, row)), ...wholeFirst(wanted).map((row) => give(place, row))];
}

function revoke({ database, next, master }: Place, row: Permission): string {
  const cascade = row.state === 'W' ? ' CASCADE' : '';
  // On the server, what a member of sysadmin takes is what sa has given.
  const isOwn = database === undefined && (row.grantor === 'sa' || row.grantor === master.name);
  const as = isOwn ? '' : ` AS ${bracket(row.grantor)}`;
  return `REVOKE ${on(row)} FROM ${bracket(next.name)}${cascade}${as}`;
}

function give({ next }: Place, row: Permission): string {
  const to = bracket(next.name);
  switch (row.state) {
    case 'G':
      return `GRANT ${on(row)} TO ${to}`;
    case 'W':
      return `GRANT ${on(row)} TO ${to} WITH GRANT OPTION`;
    case 'D':
      return `DENY ${on(row)} TO ${to}`;
    case 'R':
      return `REVOKE ${on(row)} FROM ${to}`;
  }
}

function on({ name, securable, column }: Permission): string {
  const what = words(name);
  if (securable === undefined || securable.keyword === '') return what;
  const columns = column === undefined ? '' : ` (${bracket(column)})`;
  return `${what} ON ${securable.keyword}::${bracketed(...securable.names)}${columns}`;
}
