import { type Command, type Context, need, rolesIn } from './context.ts';
import { isBuiltin, type Privilege, type Resource } from './privileges.ts';
import { badValue, Refusal } from './refusal.ts';
import { restrictionsIn } from './restrictions.ts';
import { keyOf, type RoleName, withoutRole, withRole } from './store.ts';
import { exist, mayHandOn } from './user-commands.ts';

export const roleCommands: Readonly<Record<string, Command>> = {
  createRole: {
    fields: {
      createRole: 'string',
      privileges: 'array',
      roles: 'array',
      authenticationRestrictions: 'array?',
      writeConcern: 'object?',
    },
    writes: true,
    run(context, document) {
      const { db, store, dialect } = context;
      const name: RoleName = { role: String(document.createRole), db };
      need(context, 'createRole', { db }, `Not authorized to create roles on db: ${db}`);
      const roles = rolesIn(document.roles, db);
      for (const role of roles) mayHandOn(context, 'grantRole', role);
      const privileges = privilegesIn(document.privileges as readonly unknown[]);
      for (const { resource } of privileges) mayGrant(context, resource);
      if (name.role === '') throw badValue('Role name must be non-empty');
      if (isBuiltin(name)) throw badValue('Cannot create roles with the same name as a built-in role');
      exist(context, roles);
      if (store.roles.has(keyOf(db, name.role))) {
        throw new Refusal(51002, 'Location51002', `Role "${name.role}@${db}" already exists`);
      }
      const { authenticationRestrictions: value } = document;
      if (value !== undefined) need(context, 'setAuthenticationRestriction', { db }, 'Unauthorized');
      if (value !== undefined && dialect.kind === 'docdb') {
        throw new Refusal(303, 'FeatureNotSupported', 'Feature not supported: authenticationRestrictions');
      }
      const restrictions = value === undefined ? [] : restrictionsIn(value as readonly unknown[]);
      context.commit(
        withRole(store, {
          ...name,
          privileges,
          roles,
          ...(restrictions.length === 0 ? {} : { authenticationRestrictions: restrictions }),
        }),
      );
      return {};
    },
  },
  dropRole: {
    fields: { dropRole: 'string', writeConcern: 'object?' },
    writes: true,
    run(context, { dropRole: role }) {
      const { db, store } = context;
      need(context, 'dropRole', { db }, `Not authorized to drop roles from the ${db} database`);
      exist(context, [{ role: String(role), db }]);
      if (isBuiltin({ role: String(role), db })) throw new Refusal(48, 'InvalidRoleModification', 'built-in role');
      context.commit(withoutRole(store, { role: String(role), db }));
      return {};
    },
  },
};

function privilegesIn(list: readonly unknown[]): readonly Privilege[] {
  return list.map((one) => {
    const { resource, actions, ...rest } = (one ?? {}) as Record<string, unknown>;
    const { db, collection, cluster } = (resource ?? {}) as Record<string, unknown>;
    const isDatabase = typeof db === 'string' && typeof collection === 'string' && cluster === undefined;
    const isCluster = cluster === true && db === undefined && collection === undefined;
    if ((!isDatabase && !isCluster) || Object.keys(rest).length > 0) throw badValue('a privilege needs a resource');
    if (!Array.isArray(actions) || actions.length === 0) throw badValue('a privilege needs actions');
    return {
      resource: isCluster ? { cluster: true } : { db: String(db), collection: String(collection) },
      actions: actions.map(String),
    };
  });
}

function mayGrant(context: Context, resource: Resource): void {
  const db = 'db' in resource && resource.db !== '' ? resource.db : 'admin';
  need(context, 'grantRole', { db }, `Not authorized to grant privileges on the ${db} database`);
}
