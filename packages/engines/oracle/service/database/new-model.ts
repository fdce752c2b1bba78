import { type DatabaseObject, type Model, ofGrantee, type Release, type User } from './model.ts';
import { predefinedRoles } from './privilege-lists.ts';
import { viewNames } from './views.ts';

/** A database as it comes: SYS, the predefined roles, the dictionary, a few tablespaces. */
export function newModel(release: Release): Model {
  const views = viewNames(release).map((name): DatabaseObject => ({ owner: 'SYS', name, type: 'VIEW', columns: [] }));
  const model: Model = {
    release,
    now: () => Date.now(),
    readOnly: false,
    users: new Map(),
    roles: new Set(Object.keys(predefinedRoles)),
    profiles: new Map([
      [
        'DEFAULT',
        new Map([
          ['FAILED_LOGIN_ATTEMPTS', '10'],
          ['PASSWORD_LOCK_TIME', '1'],
          ['PASSWORD_REUSE_MAX', 'UNLIMITED'],
          ['PASSWORD_REUSE_TIME', 'UNLIMITED'],
          ['PASSWORD_ROLLOVER_TIME', '-1'],
          ['PASSWORD_VERIFY_FUNCTION', 'NULL'],
        ]),
      ],
    ]),
    tablespaces: new Set(['SYSTEM', 'SYSAUX', 'TEMP', 'USERS']),
    objects: views,
    systemGrants: new Map(),
    roleGrants: new Map(),
    schemaGrants: new Map(),
    objectGrants: [],
    proxies: [],
    consumerGroups: [],
  };
  model.users.set('SYS', newUser('SYS', true));
  for (const [role, privileges] of Object.entries(predefinedRoles)) {
    // The role of administrators holds what it may hand on.
    for (const privilege of privileges) {
      ofGrantee(model.systemGrants, role).set(privilege, { admin: role === 'DBA' });
    }
  }
  ofGrantee(model.roleGrants, 'DBA').set('SELECT_CATALOG_ROLE', { admin: true, delegate: false });
  return model;
}

export function newUser(name: string, oracleMaintained = false): User {
  return {
    name,
    authentication: 'NONE',
    externalName: undefined,
    verifier: undefined,
    has10gOnly: false,
    rollover: undefined,
    history: [],
    lock: undefined,
    expiry: undefined,
    failedLogins: 0,
    refusedLogins: 0,
    hasLoggedIn: false,
    profile: 'DEFAULT',
    defaultTablespace: 'USERS',
    temporaryTablespace: 'TEMP',
    localTemporaryTablespace: 'TEMP',
    quotas: new Map(),
    defaultRoles: { mode: 'all' },
    editions: false,
    oracleMaintained,
  };
}
