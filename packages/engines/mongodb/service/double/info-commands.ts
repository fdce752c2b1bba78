import { type Command, type Context, type Document, loggedIn, need } from './context.ts';
import { closureOf, isBuiltin, may, privilegesOf } from './privileges.ts';
import { badValue, Refusal, unauthorized } from './refusal.ts';
import { keyOf, type StoredUser } from './store.ts';

export const infoCommands: Readonly<Record<string, Command>> = {
  usersInfo: {
    fields: {
      usersInfo: 'any',
      showPrivileges: 'bool?',
      showCredentials: 'bool?',
      showAuthenticationRestrictions: 'bool?',
      showCustomData: 'bool?',
      filter: 'object?',
    },
    run: usersInfo,
  },
  rolesInfo: {
    fields: {
      rolesInfo: 'any',
      showPrivileges: 'bool?',
      showBuiltinRoles: 'bool?',
      showAuthenticationRestrictions: 'bool?',
    },
    run(context, { rolesInfo }) {
      const all = Number(rolesInfo) === 1;
      const names = all ? [] : namesIn(rolesInfo, context.db, 'role');
      for (const { db } of all ? [context] : names)
        need(context, 'viewRole', { db }, `Not authorized to view roles from the ${db} database`);
      const roles = [...context.store.roles.values()].filter((role) =>
        all ? role.db === context.db : names.some(({ name, db }) => name === role.role && db === role.db),
      );
      return { roles: roles.map((role) => ({ ...role, _id: keyOf(role.db, role.role), isBuiltin: isBuiltin(role) })) };
    },
  },
  connectionStatus: {
    fields: { connectionStatus: 'any', showPrivileges: 'bool?' },
    open: true,
    run({ client, store }, { showPrivileges }) {
      const who = client.loggedIn;
      const user = who === undefined ? undefined : store.users.get(keyOf(who.db, who.user));
      const privileges = showPrivileges === true && user !== undefined ? privilegesOf(store, user.roles) : undefined;
      return {
        authInfo: {
          authenticatedUsers: user === undefined ? [] : [{ user: user.user, db: user.db }],
          authenticatedUserRoles: user === undefined ? [] : closureOf(store, user.roles),
          ...(privileges === undefined ? {} : { authenticatedUserPrivileges: privileges }),
        },
      };
    },
  },
};

function usersInfo(context: Context, document: Document): object {
  const { store, dialect } = context;
  const { usersInfo: what, filter, showAuthenticationRestrictions, showPrivileges } = document;
  if (dialect.kind === 'docdb') {
    for (const field of ['showAuthenticationRestrictions', 'showPrivileges', 'filter']) {
      if (document[field] !== undefined)
        throw new Refusal(303, 'FeatureNotSupported', `Feature not supported: ${field}`);
    }
  }
  const everywhere = (what as { forAllDBs?: unknown } | null)?.forAllDBs === true;
  const all = everywhere || Number(what) === 1;
  if (all && (showAuthenticationRestrictions === true || showPrivileges === true)) {
    throw new Refusal(
      20,
      'IllegalOperation',
      'Privilege or restriction details require exact-match usersInfo queries.',
    );
  }
  const users = all ? allUsers(context, everywhere) : namedUsers(context, what);
  const wanted = users.filter((user) => matches(user, filter as Document | undefined));
  const isDocdb = dialect.kind === 'docdb';
  return {
    users: wanted.map((user) => ({
      _id: keyOf(user.db, user.user),
      user: user.user,
      db: isDocdb ? 'admin' : user.db,
      ...(user.customData === undefined ? {} : { customData: user.customData }),
      roles: user.roles,
      ...(isDocdb ? {} : { mechanisms: Object.keys(user.credentials) }),
      ...(showAuthenticationRestrictions === true
        ? {
            authenticationRestrictions: user.authenticationRestrictions ?? [],
            inheritedRoles: closureOf(store, user.roles),
          }
        : {}),
      ...(showPrivileges === true ? { inheritedPrivileges: privilegesOf(store, user.roles) } : {}),
    })),
  };
}

function allUsers(context: Context, everywhere: boolean): readonly StoredUser[] {
  const { store, db } = context;
  if (everywhere) need(context, 'viewUser', 'cluster', 'Not authorized to view users from all databases');
  else need(context, 'viewUser', { db }, `Not authorized to view users from the ${db} database`);
  return [...store.users.values()].filter((user) => everywhere || user.db === db);
}

function namedUsers(context: Context, what: unknown): readonly StoredUser[] {
  const me = loggedIn(context);
  const names = namesIn(what, context.db, 'user');
  for (const { name, db } of names) {
    if (me === undefined || (me.user === name && me.db === db)) continue;
    if (!may(context.store, me, 'viewUser', { db })) {
      throw unauthorized(`Not authorized to view users from the ${context.db} database`);
    }
  }
  return names.map(({ name, db }) => context.store.users.get(keyOf(db, name))).filter((user) => user !== undefined);
}

function namesIn(what: unknown, db: string, key: 'user' | 'role'): { readonly name: string; readonly db: string }[] {
  return (Array.isArray(what) ? what : [what]).map((one: unknown) => {
    if (typeof one === 'string') return { name: one, db };
    const { [key]: name, db: of, ...rest } = (one ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof of !== 'string' || Object.keys(rest).length > 0) {
      throw badValue('User and role names must be either strings or objects');
    }
    return { name, db: of };
  });
}

/** Equality is what this server knows of $match. */
function matches(user: StoredUser, filter: Document | undefined): boolean {
  return Object.entries(filter ?? {}).every(([key, value]) => {
    if ((key !== 'user' && key !== 'db') || typeof value !== 'string') throw badValue('this filter is not known here');
    return user[key] === value;
  });
}
