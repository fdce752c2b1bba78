import { quoteName } from '../quoting.ts';
import type { Difference, Step } from './difference.ts';
import type { Names } from './grants.ts';
import type { AclItem, DefaultPrivileges } from './own-rights.ts';
import { shownName } from './printable.ts';

/** pg_default_acl.defaclobjtype, as ALTER DEFAULT PRIVILEGES calls it. */
const typeNames: Readonly<Record<string, string>> = {
  r: 'TABLES',
  S: 'SEQUENCES',
  f: 'ROUTINES',
  T: 'TYPES',
  n: 'SCHEMAS',
  L: 'LARGE OBJECTS',
};

/**
 * Default privileges of the base hold for whatever the twin makes, for it acts as the base. Those that are set for the
 * twin are set for the base instead; those by which others give the twin rights give them to the base.
 */
export function defaultDifferences(defaults: DefaultPrivileges, names: Names): Difference {
  const where = `${typeNames[defaults.type] ?? defaults.type}${defaults.schema === null ? '' : ` in schema ${shownName(defaults.schema)}`}`;
  if (defaults.of === 'twin') {
    return {
      text: `${shownName(names.twin)} has default privileges of its own for ${where}`,
      change: { given: `default privileges for ${where}, moved to ${shownName(names.base)}` },
      steps: movedToBase(defaults, names),
    };
  }
  return {
    text: `${shownName(names.twin)} gets default privileges on ${where} that ${shownName(defaults.role)} makes`,
    change: {
      given: `default privileges on ${where} of ${shownName(defaults.role)}, moved to ${shownName(names.base)}`,
    },
    steps: grantedToBase(defaults, names),
  };
}

function grantedToBase(defaults: DefaultPrivileges, names: Names): Step[] {
  const items = (defaults.items ?? []).filter(({ to }) => to === 'twin');
  return items.flatMap((item) => [
    // The base needs no grant on its own objects.
    ...(defaults.of === 'base' ? [] : [alter(defaults, defaults.role, 'GRANT', item, quoteName(names.base))]),
    alter(defaults, defaults.role, 'REVOKE', item, quoteName(names.twin)),
  ]);
}

/** What differs from what the server gives where nothing is set is done for the base, and undone for the twin. */
function movedToBase(defaults: DefaultPrivileges, names: Names): Step[] {
  const [items, builtIn] = [defaults.items ?? [], defaults.builtIn ?? []];
  const added = items.filter((item) => !builtIn.some((other) => isSame(item, other)));
  const removed = builtIn.filter((item) => !items.some((other) => isSame(item, other)));
  const owner = ({ to }: AclItem) => to === 'twin' || to === 'base';
  // As the owner, the base has every right on what it makes; what the twin has taken from itself, it takes too.
  return [
    ...added.filter((item) => !owner(item)).map((item) => alter(defaults, names.base, 'GRANT', item, grantee(item))),
    ...removed
      .filter(({ to }) => to !== 'base')
      .map((item) =>
        alter(defaults, names.base, 'REVOKE', item, item.to === 'twin' ? quoteName(names.base) : grantee(item)),
      ),
    ...added.map((item) => alter(defaults, names.twin, 'REVOKE', item, grantee(item))),
    ...removed.map((item) => alter(defaults, names.twin, 'GRANT', item, grantee(item))),
  ];
}

function isSame(one: AclItem, other: AclItem): boolean {
  return one.privilege === other.privilege && one.grantee === other.grantee && one.grantable === other.grantable;
}

function alter(
  { schema, type }: DefaultPrivileges,
  role: string,
  verb: 'GRANT' | 'REVOKE',
  item: AclItem,
  to: string,
): Step {
  const inSchema = schema === null ? '' : ` IN SCHEMA ${quoteName(schema)}`;
  const option = verb === 'GRANT' && item.grantable && item.to !== 'twin' ? ' WITH GRANT OPTION' : '';
  const rights = `${item.privilege} ON ${typeNames[type] ?? type} ${verb === 'GRANT' ? 'TO' : 'FROM'} ${to}${option}`;
  return { sql: `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteName(role)}${inSchema} ${verb} ${rights}`, actAs: role };
}

function grantee({ grantee: name }: AclItem): string {
  return name === null ? 'PUBLIC' : quoteName(name);
}
