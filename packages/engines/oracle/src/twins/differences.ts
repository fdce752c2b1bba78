import { type ObjectTarget, type Right, rolesOf, type UserRights } from './rights.ts';

/** One way in which the next user is not like the current one. */
export type Difference =
  | { readonly kind: 'right'; readonly wanted: Right | undefined; readonly has: Right | undefined }
  | { readonly kind: 'setting'; readonly name: string; readonly wanted: string; readonly has: string }
  | { readonly kind: 'default-roles'; readonly wanted: readonly string[]; readonly has: readonly string[] }
  | { readonly kind: 'ownership'; readonly owner: string; readonly object: string }
  /** A right that the twin lacks in a schema that the two share. */
  | { readonly kind: 'shared'; readonly twin: string; readonly right: Right<ObjectTarget> }
  /** The twin does not log in to the base's schema. */
  | { readonly kind: 'current-schema'; readonly twin: string; readonly base: string };

/** What has to change in the rights of the next user so that they equal the current user's. */
export function differencesOf(current: UserRights, next: UserRights): readonly Difference[] {
  return [
    ...ownership(current),
    ...ownership(next),
    ...settings(current, next),
    ...rights(current, next),
    ...defaultRoles(current, next),
  ];
}

function rights(current: UserRights, next: UserRights): readonly Difference[] {
  const keys = [...new Set([...current.rights.keys(), ...next.rights.keys()])];
  return keys.flatMap((key) => {
    const [wanted, has] = [current.rights.get(key), next.rights.get(key)];
    return wanted?.extent === has?.extent ? [] : [{ kind: 'right', wanted, has }];
  });
}

function settings(current: UserRights, next: UserRights): readonly Difference[] {
  return [...current.settings].flatMap(([name, wanted]) => {
    const has = next.settings.get(name) ?? '';
    return has === wanted ? [] : [{ kind: 'setting', name, wanted, has }];
  });
}

/** Of the roles that both have; the others are differences of their own. */
function defaultRoles(current: UserRights, next: UserRights): readonly Difference[] {
  const shared = rolesOf(current).filter((role) => rolesOf(next).includes(role));
  const same = shared.every((role) => current.defaultRoles.has(role) === next.defaultRoles.has(role));
  return same
    ? []
    : [{ kind: 'default-roles', wanted: [...current.defaultRoles].toSorted(), has: [...next.defaultRoles].toSorted() }];
}

function ownership({ name, owned }: UserRights): readonly Difference[] {
  return owned.map((object) => ({ kind: 'ownership', owner: name, object }));
}
