import { quoteName } from '../quoting.ts';
import { asOrdinaryRole, attributeDifferences } from './attributes.ts';
import type { Difference } from './difference.ts';
import { membershipDifferences } from './memberships.ts';
import { shownName } from './printable.ts';
import { settingDifferences } from './settings.ts';
import type { Role, TwinState } from './twin-state.ts';

/** A role as CREATE ROLE … LOGIN makes it. */
function newRole(name: string): Role {
  return {
    name,
    login: true,
    super: false,
    administered: true,
    attributes: {
      SUPERUSER: false,
      CREATEDB: false,
      CREATEROLE: false,
      INHERIT: true,
      REPLICATION: false,
      BYPASSRLS: false,
    },
    connectionLimit: -1,
    validUntil: 'infinity',
  };
}

/**
 * Every difference between the base and its twin, in the order in which they are settled. A twin that is not there
 * lacks everything, and is made first.
 * @param own what the twin holds of its own
 */
export function allDifferences(state: TwinState, base: Role, own: readonly Difference[]): Difference[] {
  const twin = state.twin ?? newRole(state.twinName);
  return [
    ...(state.twin === undefined ? [creation(twin)] : []),
    // Who takes the role's settings into force must be a member first.
    ...membershipDifferences(state, base, twin),
    ...settingDifferences(state, base, twin),
    ...asOrdinaryRole(own, base, twin),
    ...attributeDifferences(base, twin),
  ];
}

function creation({ name }: Role): Difference {
  return {
    text: `there is no role ${shownName(name)}`,
    change: { given: 'LOGIN' },
    // Without a password: nobody logs in as it before it has one.
    steps: [{ sql: `CREATE ROLE ${quoteName(name)} LOGIN`, fundamental: true }],
  };
}
