import { quoteName } from '../quoting.ts';
import type { Difference, Step } from './difference.ts';
import type { AclItem, GrantedObject } from './own-rights.ts';
import { bounded, printableSql, shownName, shownNames } from './printable.ts';

/** The two roles, by name. */
export interface Names {
  readonly base: string;
  readonly twin: string;
}

/**
 * Grants to the twin become grants to the base, by the same grantor; what the twin has granted on, the base grants.
 * Only then are the twin's revoked: nobody is without them in between.
 */
export function grantDifferences(object: GrantedObject, names: Names): Difference {
  const { items } = object;
  const held = items.filter(({ to }) => to === 'twin');
  const givenOn = items.filter(({ by, to }) => by === 'twin' && to !== 'twin');
  const baseHas = (item: AclItem) =>
    items.some(
      ({ to, by, privilege, grantable }) =>
        to === 'base' &&
        by !== 'twin' &&
        privilege === item.privilege &&
        (grantable || !item.grantable || object.ownerIsBase),
    );
  const lacking = held.filter((item) => item.by !== 'twin' && !baseHas(item));
  // Left over where the server took the right from the twin, which had it through the base as well, or as a superuser.
  const orphaned = givenOn.filter(
    ({ privilege }) => !held.some((item) => item.privilege === privilege && item.grantable),
  );
  const passedOn = givenOn.filter(({ to }) => to !== 'base');
  // Where a superuser granted it on, the base may have no right to grant: then the owner does. A grant by who may
  // not is no error to the server, which warns and does nothing.
  const baseGrants = ({ privilege }: AclItem) =>
    object.ownerIsBase ||
    items.some((item) => item.privilege === privilege && item.grantable && item.by !== 'twin' && item.to !== 'other');
  const steps = [
    ...grouped(lacking).map((group) => ({
      sql: `GRANT ${clause(object, group)} TO ${quoteName(names.base)}${withOption(group)}`,
      ...by(object, group.grantor),
    })),
    ...[...new Set([names.base, object.owner])].flatMap((grantor) =>
      grouped(passedOn.filter((item) => baseGrants(item) === (grantor === names.base))).map((group) => ({
        sql: `GRANT ${clause(object, group)} TO ${grantee(group)}${withOption(group)}`,
        ...by(object, grantor),
      })),
    ),
    // To revoke what it granted, the twin must have the right to grant.
    ...(orphaned.length === 0
      ? []
      : [
          {
            sql: `GRANT ${clause(object, orphaned)} TO ${quoteName(names.twin)} WITH GRANT OPTION`,
            ...asOwner(object),
          },
        ]),
    // Said outright: where the twin has the right through the base as well, what it granted on would stay its grant.
    ...grouped(givenOn).map((group) => ({
      sql: `REVOKE ${clause(object, group)} FROM ${grantee(group)} CASCADE`,
      ...by(object, names.twin),
      ...late(object, 'granted on'),
    })),
    ...revocations(object, held, names),
    ...(orphaned.length === 0
      ? []
      : [
          {
            sql: `REVOKE ${clause(object, orphaned)} FROM ${quoteName(names.twin)}`,
            ...asOwner(object),
            ...late(object, 'held'),
          },
        ]),
  ];
  const rights = [...new Set([...held, ...givenOn].map(({ privilege }) => privilege))].join(', ');
  const what = `${rights} ON ${shownObject(object)}`;
  return {
    text:
      held.length > 0
        ? `${shownName(names.twin)} holds ${what} of its own`
        : `${shownName(names.twin)} has granted ${what} to others`,
    change: { given: `${what}, moved to ${shownName(names.base)}` },
    steps,
  };
}

function revocations(object: GrantedObject, held: readonly AclItem[], names: Names): Step[] {
  const others = held.filter(({ by }) => by !== 'twin');
  return [...Map.groupBy(others, ({ grantor }) => grantor)].map(([grantor, items]) => ({
    sql: `REVOKE ${clause(object, items)} FROM ${quoteName(names.twin)}`,
    ...by(object, grantor),
    ...late(object, 'held'),
  }));
}

function by({ owner }: GrantedObject, grantor: string): Pick<Step, 'actAs' | 'isOwner'> {
  return { actAs: grantor, isOwner: grantor === owner };
}

function asOwner(object: GrantedObject): Pick<Step, 'actAs' | 'isOwner'> {
  return by(object, object.owner);
}

/** A schema's objects can be named as long as its USAGE is there. */
function late({ kind }: GrantedObject, phase: 'granted on' | 'held'): Required<Pick<Step, 'phase'>> {
  return { phase: kind === 'SCHEMA' ? 'schemas' : phase };
}

type Group = readonly AclItem[] & { readonly grantor: string };

/** What one statement can grant: the same grantor, grantee and option. */
function grouped(items: readonly AclItem[]): Group[] {
  const groups = Map.groupBy(items, ({ grantor, grantee: to, grantable }) => JSON.stringify([grantor, to, grantable]));
  return [...groups.values()].map((group) => Object.assign(group, { grantor: group[0]?.grantor ?? '' }));
}

function clause(object: GrantedObject, items: readonly AclItem[]): string {
  const column = object.column === null ? '' : ` (${quoteName(object.column)})`;
  const privileges = [...new Set(items.map(({ privilege }) => `${privilege}${column}`))].join(', ');
  return `${privileges} ON ${objectSql(object)}`;
}

function objectSql({ kind, schema, name, arguments: types }: GrantedObject): string {
  const keyword = kind === 'COLUMN' ? 'TABLE' : kind;
  // A parameter is a name with dots of its own, and a large object a number.
  if (kind === 'LARGE OBJECT') return `${keyword} ${Number(name)}`;
  if (kind === 'PARAMETER') return `${keyword} ${name.split('.').map(quoteName).join('.')}`;
  const qualified = [...(schema === null ? [] : [schema]), name].map(quoteName).join('.');
  return `${keyword} ${qualified}${types === null ? '' : `(${types})`}`;
}

function shownObject({ kind, schema, name, column, arguments: types }: GrantedObject): string {
  if (kind === 'LARGE OBJECT') return `${kind} ${Number(name)}`;
  if (kind === 'PARAMETER') return bounded(`${kind} ${shownNames(name.split('.'))}`);
  const names = [...(schema === null ? [] : [schema]), name, ...(column === null ? [] : [column])];
  return bounded(`${kind} ${shownNames(names)}${types === null ? '' : `(${printableSql(types)})`}`);
}

function grantee([first]: readonly AclItem[]): string {
  return first === undefined || first.grantee === null ? 'PUBLIC' : quoteName(first.grantee);
}

function withOption([first]: readonly AclItem[]): string {
  return first?.grantable === true ? ' WITH GRANT OPTION' : '';
}
