import { quoteIdentifier } from '@keyturn/driver-pg';
import { shownName } from '../quoting.ts';
import { attributesOf } from './attributes.ts';
import { defaultRights, publicDefault } from './default-privileges.ts';
import {
  argumentsOf,
  columnRight,
  databaseRight,
  datashareRight,
  functionRight,
  iamRight,
  languageRight,
  maskingPolicyRight,
  modelRight,
  type ObjectRight,
  relationRight,
  rowPolicyRight,
  schemaRight,
  systemRight,
} from './object-rights.ts';
import {
  isAutomatic,
  type Owned,
  ownedDatabases,
  ownedDatashares,
  ownedFunctions,
  ownedRelations,
  ownedRoles,
  ownedSchemas,
} from './ownership.ts';
import { grantable, type Holdings, type Right } from './right.ts';
import { type AnswerRow, rowsOf, type Snapshot } from './snapshot.ts';

/** What one of the two holds of its own, as a snapshot of a database or of the cluster shows it. */
export function holdingsOf(
  snapshot: Snapshot,
  user: string,
  other: string,
  ownedObjects: 'refuse' | 'grant',
): Holdings {
  const mine = (name: string) =>
    rowsOf(snapshot, name).filter((row) => row.identity_name === user && !isAutomatic(String(row.namespace_name)));
  const procedures = new Set(rowsOf(snapshot, 'procedures').map((row) => routine(row, row.name)));
  const own = ownedObjectsOf(snapshot).filter(({ owner }) => owner === user);
  const ownKeys = new Set(own.map(({ object }) => object));
  const onObjects: readonly ObjectRight[] = [
    ...mine('databasePrivileges').map(databaseRight),
    ...mine('datasharePrivileges').map(datashareRight),
    ...mine('schemaPrivileges').map(schemaRight),
    ...mine('relationPrivileges').map(relationRight),
    ...mine('columnPrivileges').map(columnRight),
    ...mine('functionPrivileges').map((row) => functionRight(row, procedures.has(routine(row, row.function_name)))),
    ...mine('languagePrivileges').map(languageRight),
    ...mine('modelPrivileges').map(modelRight),
  ];
  const rights: readonly Right[] = [
    ...groupRights(snapshot, user),
    ...mine('roles').map(roleRight),
    ...onObjects.filter(({ object }) => !ownKeys.has(object)).map(({ right }) => right),
    ...mine('iamPrivileges').map(iamRight),
    ...mine('systemPrivileges').map(systemRight),
    ...mine('rowPolicies').map(rowPolicyRight),
    ...mine('maskingPolicies').map(maskingPolicyRight),
    ...defaultRights(rowsOf(snapshot, 'defaultPrivileges'), user, other),
    ...(ownedObjects === 'grant' ? own.flatMap((each) => each.rights) : []),
  ];
  return {
    rights,
    attributes: [...attributes(snapshot, user), publicDefault(rowsOf(snapshot, 'defaultPrivileges'), user)],
    owned: ownedObjects === 'refuse' ? own : [],
  };
}

function attributes(snapshot: Snapshot, user: string): Holdings['attributes'] {
  const row = rowsOf(snapshot, 'users').find(({ usename }) => usename === user);
  const info = rowsOf(snapshot, 'userInfos').find(({ user_name: name }) => name === user);
  // A user that there is not yet will be made with the defaults.
  return attributesOf(row ?? {}, info ?? {});
}

function groupRights(snapshot: Snapshot, user: string): readonly Right[] {
  return rowsOf(snapshot, 'groups')
    .filter(({ usename }) => usename === user)
    .map(({ groname }) => {
      const group = quoteIdentifier(String(groname));
      const shown = `membership in group ${shownName(String(groname))}`;
      return {
        key: shown,
        shown,
        option: undefined,
        give: ({ user: name }) => `ALTER GROUP ${group} ADD USER ${name}`,
        take: ({ user: name }) => `ALTER GROUP ${group} DROP USER ${name}`,
      };
    });
}

function roleRight(row: AnswerRow): Right {
  const name = String(row.role_name);
  return grantable(`ROLE ${shownName(name)}`, `ROLE ${quoteIdentifier(name)}`, row.admin_option === true, {
    optionName: 'ADMIN OPTION',
  });
}

function ownedObjectsOf(snapshot: Snapshot): readonly Owned[] {
  return [
    ...ownedDatabases(rowsOf(snapshot, 'ownedDatabases')),
    ...ownedRoles(rowsOf(snapshot, 'ownedRoles')),
    ...ownedDatashares(rowsOf(snapshot, 'ownedDatashares')),
    ...ownedSchemas(rowsOf(snapshot, 'ownedSchemas')),
    ...ownedRelations(rowsOf(snapshot, 'ownedRelations')),
    ...ownedFunctions(rowsOf(snapshot, 'ownedFunctions')),
  ];
}

/** One name may stand for several functions, told apart by their arguments. */
function routine(row: AnswerRow, name: unknown): string {
  return JSON.stringify([row.namespace_name, name, argumentsOf(row)]);
}
