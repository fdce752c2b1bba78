import type { Model } from './database/model.ts';

/**
 * Everything that somebody who logs in as this user may do, read off what the double keeps itself and not off the
 * views that the engine reads. None of these lines names the user.
 */
export function rightsOf(model: Model, name: string): readonly string[] {
  const user = model.users.get(name);
  if (user === undefined) throw new Error(`there is no user ${name}`);
  const isDefault = (role: string) => {
    const { defaultRoles } = user;
    return defaultRoles.mode === 'all' || defaultRoles.roles.includes(role) === (defaultRoles.mode === 'only');
  };
  const lines = [
    `profile ${user.profile}`,
    `tablespaces ${user.defaultTablespace} ${user.temporaryTablespace} ${user.localTemporaryTablespace}`,
    `editions ${user.editions}`,
    ...[...user.quotas].map(([tablespace, bytes]) => `quota ${bytes} on ${tablespace}`),
    ...[...(model.systemGrants.get(name) ?? [])].map(
      ([privilege, { admin }]) => `${privilege}${admin ? ' admin' : ''}`,
    ),
    ...[...(model.schemaGrants.get(name) ?? [])].map(
      ([key, { admin }]) => `${key.replace('\0', ' on schema ')}${admin ? ' admin' : ''}`,
    ),
    ...[...(model.roleGrants.get(name) ?? [])].map(
      ([role, { admin, delegate }]) =>
        `role ${role}${admin ? ' admin' : ''}${delegate ? ' delegate' : ''}${isDefault(role) ? ' default' : ''}`,
    ),
    ...model.objectGrants
      .filter(({ grantee }) => grantee === name)
      .map(
        (each) =>
          `${each.privilege}${each.column === undefined ? '' : ` (${each.column})`} on ${each.type} ${each.owner}.${each.name}${each.grantable ? ' grantable' : ''}${each.hierarchy ? ' hierarchy' : ''}`,
      ),
    ...model.proxies.flatMap(({ proxy, client, mode, roles, authenticated }) => {
      // What the client has not been granted, no proxy can activate.
      const had = client === name ? roles.filter((role) => model.roleGrants.get(name)?.has(role)) : roles;
      const nothing = mode === 'only' ? 'none' : mode === 'except' ? 'all' : mode;
      const how = `${had.length === 0 ? nothing : mode} ${had.toSorted().join()} ${authenticated}`;
      return [
        ...(client === name ? [`may be ${proxy}'s client: ${how}`] : []),
        ...(proxy === name ? [`may be proxy of ${client}: ${how}`] : []),
      ];
    }),
    ...model.consumerGroups
      .filter(({ grantee }) => grantee === name)
      .map(({ group, grantOption }) => `consumer group ${group} ${grantOption}`),
    ...model.objects.filter(({ owner }) => owner === name).map(({ type, name: object }) => `owns ${type} ${object}`),
  ];
  // The same right from two grantors is one right.
  return [...new Set(lines)].toSorted();
}
