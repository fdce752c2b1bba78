import { quoteName } from '../quoting.ts';
import { defaultDifferences } from './default-privileges.ts';
import type { Difference } from './difference.ts';
import { grantDifferences, type Names } from './grants.ts';
import type { GivenMembership, OwnRights, Policy } from './own-rights.ts';
import { bounded, printableSql, shownName, shownNames } from './printable.ts';

/** What the twin holds of its own must be the base's. Grants come first: whoever takes objects over may need them. */
export function ownDifferences(rights: OwnRights, names: Names): Difference[] {
  return [
    ...rights.grants.map((object) => grantDifferences(object, names)),
    ...ownership(rights, names),
    ...rights.policies.map((policy) => policyDifference(policy, names)),
    ...rights.defaults.map((defaults) => defaultDifferences(defaults, names)),
    ...rights.memberships.map((membership) => membershipGranted(membership, names)),
    ...rights.others.map((other) => immovable(other, names)),
  ];
}

function ownership({ owned, ownedCount }: OwnRights, names: Names): Difference[] {
  if (ownedCount === 0) return [];
  const more = ownedCount > owned.length ? [`and ${ownedCount - owned.length} more objects`] : [];
  const objects = [...owned.map((object) => bounded(printableSql(object))), ...more].join(', ');
  const sql = `REASSIGN OWNED BY ${quoteName(names.twin)} TO ${quoteName(names.base)}`;
  return [
    {
      text: `${shownName(names.twin)} owns ${objects}`,
      change: { given: `the ownership of ${objects}, moved to ${shownName(names.base)}` },
      steps: [{ sql, needs: [names.base, names.twin] }],
    },
  ];
}

function policyDifference({ name, schema, table, owner, roles }: Policy, names: Names): Difference {
  const shown = bounded(`policy ${shownName(name)} on ${shownNames([schema, table])}`);
  const place = `${quoteName(schema)}.${quoteName(table)}`;
  return {
    text: `${shownName(names.twin)} is named by ${shown}`,
    change: { given: `${shown}, moved to ${shownName(names.base)}` },
    steps: [
      {
        sql: `ALTER POLICY ${quoteName(name)} ON ${place} TO ${roles.map(quoteName).join(', ')}`,
        actAs: owner,
        isOwner: true,
      },
    ],
  };
}

/** From 16 on a membership falls with the right by which it was granted: the base grants it anew first. */
function membershipGranted({ role, member, memberIs, ...options }: GivenMembership, names: Names): Difference {
  const clause = Object.entries(options).map(([option, is]) => `${option.toUpperCase()} ${is ? 'TRUE' : 'FALSE'}`);
  const [group, who] = [quoteName(role), quoteName(member)];
  const needs = [names.base, names.twin];
  return {
    text: `${shownName(names.twin)} has granted the membership in ${shownName(role)} to ${shownName(member)}`,
    change: { given: `the grant of ${shownName(role)} to ${shownName(member)}, moved to ${shownName(names.base)}` },
    steps: [
      ...(memberIs === 'other'
        ? [{ sql: `GRANT ${group} TO ${who} WITH ${clause.join(', ')} GRANTED BY ${quoteName(names.base)}`, needs }]
        : []),
      { sql: `REVOKE ${group} FROM ${who} GRANTED BY ${quoteName(names.twin)}`, needs },
    ],
  };
}

function immovable(other: string, names: Names): Difference {
  const shown = bounded(printableSql(other));
  return {
    text: `${shownName(names.twin)} has a ${shown}, which cannot be moved`,
    change: { given: shown },
    steps: [],
    remedy: `make it for ${quoteName(names.base)}, and drop that of ${quoteName(names.twin)}`,
  };
}
