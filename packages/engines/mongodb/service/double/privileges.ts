import { keyOf, type RoleName, type Store, type StoredUser } from './store.ts';

/** What a privilege is about: a database (an empty name: all of them), or the cluster. */
export type Resource =
  | { readonly db: string; readonly collection: string }
  | { readonly cluster: true }
  | { readonly anyResource: true };

export interface Privilege {
  readonly resource: Resource;
  readonly actions: readonly string[];
}

const reading = ['collStats', 'dbStats', 'find', 'listCollections', 'listIndexes'];
const writing = [...reading, 'createCollection', 'createIndex', 'dropCollection', 'insert', 'remove', 'update'];
const managing = ['collMod', 'collStats', 'dropDatabase', 'listCollections', 'validate'];
const administering = [
  'changeCustomData',
  'changePassword',
  'createRole',
  'createUser',
  'dropRole',
  'dropUser',
  'grantRole',
  'revokeRole',
  'setAuthenticationRestriction',
  'viewRole',
  'viewUser',
];
const onCluster = { cluster: true } as const;
const everywhere = { db: '', collection: '' } as const;

const inDatabase: Readonly<Record<string, readonly string[]>> = {
  read: reading,
  readWrite: writing,
  dbAdmin: managing,
  userAdmin: administering,
  dbOwner: [...writing, ...managing, ...administering],
};

const inAdmin: Readonly<Record<string, readonly Privilege[]>> = {
  readAnyDatabase: [{ resource: everywhere, actions: reading }],
  readWriteAnyDatabase: [{ resource: everywhere, actions: writing }],
  dbAdminAnyDatabase: [{ resource: everywhere, actions: managing }],
  userAdminAnyDatabase: [
    { resource: everywhere, actions: administering },
    { resource: onCluster, actions: ['authSchemaUpgrade', 'invalidateUserCache', 'listDatabases', 'viewUser'] },
  ],
  clusterMonitor: [{ resource: onCluster, actions: ['getParameter', 'serverStatus', 'top'] }],
  root: [
    { resource: everywhere, actions: [...new Set([...writing, ...managing, ...administering])] },
    { resource: onCluster, actions: ['getParameter', 'listDatabases', 'serverStatus', 'setParameter', 'viewUser'] },
  ],
};

export function isBuiltin({ role, db }: RoleName): boolean {
  return role in inDatabase || (db === 'admin' && role in inAdmin);
}

export function roleExists(store: Store, name: RoleName): boolean {
  return isBuiltin(name) || store.roles.has(keyOf(name.db, name.role));
}

/** The roles and all that these contain, each once. */
export function closureOf(store: Store, roles: readonly RoleName[]): readonly RoleName[] {
  const found = new Map<string, RoleName>();
  const visit = (name: RoleName): void => {
    const key = keyOf(name.db, name.role);
    if (found.has(key)) return;
    found.set(key, name);
    for (const inner of store.roles.get(key)?.roles ?? []) visit(inner);
  };
  for (const role of roles) visit(role);
  return [...found.values()];
}

/** What these roles and all that they contain allow. */
export function privilegesOf(store: Store, roles: readonly RoleName[]): readonly Privilege[] {
  return closureOf(store, roles).flatMap(({ role, db }) => {
    const own = inDatabase[role];
    if (own !== undefined) return [{ resource: { db, collection: '' }, actions: own }];
    if (db === 'admin' && inAdmin[role] !== undefined) return inAdmin[role] ?? [];
    return store.roles.get(keyOf(db, role))?.privileges ?? [];
  });
}

/** Whether the user may do this to a database, or to the cluster. */
export function may(
  store: Store,
  user: StoredUser,
  action: string,
  target: { db: string } | 'cluster' | 'any',
): boolean {
  return privilegesOf(store, user.roles).some(({ resource, actions }) => {
    if (!actions.includes(action)) return false;
    if ('anyResource' in resource) return true;
    if ('cluster' in resource) return target === 'cluster';
    if (target === 'cluster' || resource.collection !== '') return false;
    return resource.db === '' || (target !== 'any' && resource.db === target.db);
  });
}
