import { type Command, type Context, type Document, loggedIn, need, rolesIn } from './context.ts';
import { credentialOf, mechanisms as known, type Mechanism } from './credentials.ts';
import { roleExists } from './privileges.ts';
import { badValue, Refusal } from './refusal.ts';
import { restrictionsIn } from './restrictions.ts';
import { keyOf, type RoleName, type StoredUser, withoutUser, withUser } from './store.ts';

const userFields = {
  pwd: 'string?',
  customData: 'object?',
  digestPassword: 'bool?',
  authenticationRestrictions: 'array?',
  mechanisms: 'array?',
} as const;

const writes = true;

export const userCommands: Readonly<Record<string, Command>> = {
  createUser: {
    fields: { createUser: 'string', ...userFields, roles: 'array', writeConcern: 'object?' },
    writes,
    run: createUser,
  },
  updateUser: {
    fields: { updateUser: 'string', ...userFields, roles: 'array?', writeConcern: 'object?' },
    writes,
    run: updateUser,
  },
  dropUser: {
    fields: { dropUser: 'string', writeConcern: 'object?' },
    writes,
    run(context, { dropUser: name }) {
      const { db, store } = context;
      need(context, 'dropUser', { db }, `Not authorized to drop users from the ${db} database`);
      find(context, name);
      context.commit(withoutUser(store, db, String(name)));
      return {};
    },
  },
  grantRolesToUser: {
    fields: { grantRolesToUser: 'string', roles: 'array', writeConcern: 'object?' },
    writes,
    run(context, { grantRolesToUser: name, roles: value }) {
      const given = nonEmpty(rolesIn(value, context.db), 'grantRolesToUser');
      for (const role of given) mayHandOn(context, 'grantRole', role);
      const user = find(context, name);
      exist(context, given);
      const others = user.roles.filter((role) => !given.some((one) => same(one, role)));
      context.commit(withUser(context.store, { ...user, roles: [...others, ...given] }));
      return {};
    },
  },
  revokeRolesFromUser: {
    fields: { revokeRolesFromUser: 'string', roles: 'array', writeConcern: 'object?' },
    writes,
    run(context, { revokeRolesFromUser: name, roles: value }) {
      const taken = nonEmpty(rolesIn(value, context.db), 'revokeRolesFromUser');
      for (const role of taken) mayHandOn(context, 'revokeRole', role);
      const user = find(context, name);
      exist(context, taken);
      const roles = user.roles.filter((role) => !taken.some((one) => same(one, role)));
      context.commit(withUser(context.store, { ...user, roles }));
      return {};
    },
  },
};

function createUser(context: Context, document: Document): object {
  const { db, store } = context;
  const name = String(document.createUser);
  need(context, 'createUser', { db }, `Not authorized to create users on db: ${db}`);
  const roles = rolesIn(document.roles, db);
  for (const role of roles) mayHandOn(context, 'grantRole', role);
  const restrictions = restrictionsOf(context, document);
  refuseForDocdb(context, document);
  if (db === 'local') throw badValue('Cannot create users in the local database');
  if (name === '' || name.includes('\0')) throw badValue('Username cannot be empty or contain NULL characters');
  if (Array.isArray(document.mechanisms) && document.mechanisms.length === 0) {
    throw badValue('mechanisms field must not be empty');
  }
  if (document.pwd === undefined) throw badValue("Must provide a 'pwd' field for all user documents");
  const credentials = credentialsOf(context, name, document);
  exist(context, roles);
  if (store.users.has(keyOf(db, name))) {
    throw new Refusal(51003, 'Location51003', `User "${name}@${db}" already exists`);
  }
  const { customData } = document;
  context.commit(
    withUser(store, {
      user: name,
      db,
      roles,
      credentials,
      ...(customData === undefined ? {} : { customData: customData as object }),
      ...(restrictions === undefined || restrictions.length === 0 ? {} : { authenticationRestrictions: restrictions }),
    }),
  );
  return {};
}

function updateUser(context: Context, document: Document): object {
  const { db, store, dialect } = context;
  const name = String(document.updateUser);
  const me = loggedIn(context);
  const own = me !== undefined && me.user === name && me.db === db;
  const mayFor = (action: string, ownAction: string, what: string) => {
    // Every user of DocumentDB may change its own password.
    if (own && dialect.kind === 'docdb' && action === 'changePassword') return;
    try {
      need(context, own ? ownAction : action, { db }, what);
    } catch (error) {
      if (!own) throw error;
      need(context, action, { db }, what);
    }
  };
  const { pwd, mechanisms, customData, roles: given } = document;
  if (pwd !== undefined || mechanisms !== undefined) {
    mayFor('changePassword', 'changeOwnPassword', `Not authorized to change password of user: ${name}@${db}`);
  }
  if (customData !== undefined) {
    mayFor('changeCustomData', 'changeOwnCustomData', `Not authorized to change customData of user: ${name}@${db}`);
  }
  if (given !== undefined) {
    need(
      context,
      'revokeRole',
      'any',
      'In order to use updateUser to set roles array, must be authorized to revoke any role in the system',
    );
  }
  const roles = given === undefined ? undefined : rolesIn(given, db);
  for (const role of roles ?? []) mayHandOn(context, 'grantRole', role);
  const restrictions = restrictionsOf(context, document);
  refuseForDocdb(context, document);
  if (Array.isArray(mechanisms) && mechanisms.length === 0) throw badValue('mechanisms field must not be empty');
  if ([pwd, mechanisms, customData, given, restrictions].every((field) => field === undefined)) {
    throw badValue('Must specify at least one field to update in updateUser');
  }
  const user = find(context, name);
  const credentials = pwd === undefined ? trimmed(user, mechanisms) : credentialsOf(context, name, document);
  if (roles !== undefined) exist(context, roles);
  const { authenticationRestrictions: old, ...rest } = user;
  const kept = restrictions ?? old ?? [];
  context.commit(
    withUser(store, {
      ...rest,
      credentials,
      ...(roles === undefined ? {} : { roles }),
      ...(customData === undefined ? {} : { customData: customData as object }),
      ...(kept.length === 0 ? {} : { authenticationRestrictions: kept }),
    }),
  );
  return {};
}

function credentialsOf({ dialect }: Context, user: string, document: Document): StoredUser['credentials'] {
  const password = String(document.pwd);
  const { mechanisms, digestPassword = true } = document;
  if (password === '') throw badValue('User passwords must not be empty');
  const wanted = (mechanisms as readonly unknown[] | undefined) ?? dialect.mechanisms;
  return Object.fromEntries(
    wanted.map((one) => {
      if (!known.includes(one as Mechanism)) throw badValue(`Unknown auth mechanism '${String(one)}'`);
      const mechanism = one as Mechanism;
      if (!dialect.mechanisms.includes(mechanism)) throw badValue(`${mechanism} not supported in authMechanisms`);
      if (mechanism === 'SCRAM-SHA-256') {
        if (digestPassword !== true) throw badValue('Use of SCRAM-SHA-256 requires undigested passwords');
        // SASLprep prohibits control characters.
        if (/\p{Cc}/u.test(password)) throw badValue('the password cannot be prepared by SASLprep');
      }
      return [mechanism, credentialOf(mechanism, user, password)];
    }),
  );
}

function trimmed({ credentials }: StoredUser, mechanisms: unknown): StoredUser['credentials'] {
  if (mechanisms === undefined) return credentials;
  return Object.fromEntries(
    (mechanisms as readonly unknown[]).map((one) => {
      const credential = credentials[one as Mechanism];
      if (credential === undefined) throw badValue('mechanisms field must be a subset of previously set mechanisms');
      return [one as Mechanism, credential];
    }),
  );
}

function restrictionsOf(context: Context, { authenticationRestrictions: value }: Document) {
  if (value === undefined) return undefined;
  need(context, 'setAuthenticationRestriction', { db: context.db }, 'Unauthorized');
  return restrictionsIn(value as readonly unknown[]);
}

function refuseForDocdb({ dialect, db }: Context, document: Document): void {
  if (dialect.kind !== 'docdb') return;
  for (const field of ['customData', 'mechanisms', 'authenticationRestrictions', 'digestPassword']) {
    if (document[field] !== undefined) throw new Refusal(303, 'FeatureNotSupported', `Feature not supported: ${field}`);
  }
  if (db !== 'admin') throw badValue('users are kept in the database admin');
}

function find({ store, db }: Context, name: unknown): StoredUser {
  const user = store.users.get(keyOf(db, String(name)));
  if (user === undefined) throw new Refusal(11, 'UserNotFound', `Could not find user "${String(name)}" for db "${db}"`);
  return user;
}

export function exist({ store }: Context, roles: readonly RoleName[]): void {
  for (const role of roles) {
    if (!roleExists(store, role)) throw new Refusal(31, 'RoleNotFound', `Could not find role: ${role.role}@${role.db}`);
  }
}

/** Whether roles of this database may be given, or taken. */
export function mayHandOn(context: Context, action: 'grantRole' | 'revokeRole', { role, db }: RoleName): void {
  const user = loggedIn(context);
  if (user === undefined) return;
  const verb = action === 'grantRole' ? 'grant' : 'revoke';
  need(context, action, { db }, `Not authorized to ${verb} role: ${role}@${db}`);
}

function nonEmpty(roles: readonly RoleName[], command: string): readonly RoleName[] {
  if (roles.length === 0) throw badValue(`${command} command requires a non-empty "roles" array`);
  return roles;
}

function same(a: RoleName, b: RoleName): boolean {
  return a.role === b.role && a.db === b.db;
}
