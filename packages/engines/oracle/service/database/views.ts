import { type Model, ofGrantee, type Release } from './model.ts';
import { enabledRoles, grantees, has, type Session } from './session.ts';
import { accountStatus, isInRollover, limitOf } from './users.ts';

/** Values by column. What a view has and the double does not keep is not there: it answers ORA-00904. */
export type ViewRow = Readonly<Record<string, string | null>>;

type Rows = (model: Model, session: Session) => readonly ViewRow[];

const yes = (value: boolean) => (value ? 'YES' : 'NO');

const views: Readonly<Record<string, { readonly columns: readonly string[]; readonly rows: Rows }>> = {
  DUAL: { columns: ['DUMMY'], rows: () => [{ DUMMY: 'X' }] },
  DBA_USERS: {
    columns: [
      'USERNAME',
      'ACCOUNT_STATUS',
      'DEFAULT_TABLESPACE',
      'TEMPORARY_TABLESPACE',
      'LOCAL_TEMP_TABLESPACE',
      'PROFILE',
      'EXTERNAL_NAME',
      'AUTHENTICATION_TYPE',
      'EDITIONS_ENABLED',
      'LAST_LOGIN',
      'ORACLE_MAINTAINED',
      'COMMON',
    ],
    rows: userRows,
  },
  USER_USERS: {
    columns: ['USERNAME', 'ACCOUNT_STATUS'],
    rows: (model, session) => userRows(model).filter(({ USERNAME }) => USERNAME === session.user),
  },
  USER_PASSWORD_LIMITS: {
    columns: ['RESOURCE_NAME', 'LIMIT'],
    rows: (model, session) => {
      const user = model.users.get(session.user);
      if (user === undefined) return [];
      return [...(model.profiles.get('DEFAULT')?.keys() ?? [])].map((RESOURCE_NAME) => ({
        RESOURCE_NAME,
        LIMIT: limitOf(model, user, RESOURCE_NAME),
      }));
    },
  },
  DBA_ROLES: { columns: ['ROLE'], rows: ({ roles }) => [...roles].map((ROLE) => ({ ROLE })) },
  DBA_PROFILES: {
    columns: ['PROFILE', 'RESOURCE_NAME', 'LIMIT'],
    rows: ({ profiles }) =>
      [...profiles].flatMap(([PROFILE, limits]) =>
        [...(profiles.get('DEFAULT')?.keys() ?? [])].map((RESOURCE_NAME) => ({
          PROFILE,
          RESOURCE_NAME,
          LIMIT: limits.get(RESOURCE_NAME) ?? 'DEFAULT',
        })),
      ),
  },
  DBA_SYS_PRIVS: {
    columns: ['GRANTEE', 'PRIVILEGE', 'ADMIN_OPTION'],
    rows: ({ systemGrants }) =>
      [...systemGrants].flatMap(([GRANTEE, grants]) =>
        [...grants].map(([PRIVILEGE, { admin }]) => ({ GRANTEE, PRIVILEGE, ADMIN_OPTION: yes(admin) })),
      ),
  },
  DBA_SCHEMA_PRIVS: {
    columns: ['GRANTEE', 'PRIVILEGE', 'SCHEMA', 'ADMIN_OPTION'],
    rows: ({ schemaGrants }) =>
      [...schemaGrants].flatMap(([GRANTEE, grants]) =>
        [...grants].map(([key, { admin }]) => {
          const [PRIVILEGE = '', SCHEMA = ''] = key.split('\0');
          return { GRANTEE, PRIVILEGE, SCHEMA, ADMIN_OPTION: yes(admin) };
        }),
      ),
  },
  DBA_ROLE_PRIVS: {
    columns: ['GRANTEE', 'GRANTED_ROLE', 'ADMIN_OPTION', 'DELEGATE_OPTION', 'DEFAULT_ROLE'],
    rows: (model) =>
      [...model.roleGrants].flatMap(([GRANTEE, grants]) =>
        [...grants].map(([GRANTED_ROLE, { admin, delegate }]) => ({
          GRANTEE,
          GRANTED_ROLE,
          ADMIN_OPTION: yes(admin),
          DELEGATE_OPTION: yes(delegate),
          DEFAULT_ROLE: yes(isDefault(model, GRANTEE, GRANTED_ROLE)),
        })),
      ),
  },
  DBA_TAB_PRIVS: {
    columns: ['GRANTEE', 'OWNER', 'TABLE_NAME', 'GRANTOR', 'PRIVILEGE', 'GRANTABLE', 'HIERARCHY', 'TYPE'],
    rows: ({ objectGrants }) =>
      objectGrants
        .filter(({ column }) => column === undefined)
        .map((each) => ({
          GRANTEE: each.grantee,
          OWNER: each.owner,
          TABLE_NAME: each.name,
          GRANTOR: each.grantor,
          PRIVILEGE: each.privilege,
          GRANTABLE: yes(each.grantable),
          HIERARCHY: yes(each.hierarchy),
          TYPE: each.type,
        })),
  },
  DBA_COL_PRIVS: {
    columns: ['GRANTEE', 'OWNER', 'TABLE_NAME', 'COLUMN_NAME', 'GRANTOR', 'PRIVILEGE', 'GRANTABLE'],
    rows: ({ objectGrants }) =>
      objectGrants.flatMap((each) =>
        each.column === undefined
          ? []
          : [
              {
                GRANTEE: each.grantee,
                OWNER: each.owner,
                TABLE_NAME: each.name,
                COLUMN_NAME: each.column,
                GRANTOR: each.grantor,
                PRIVILEGE: each.privilege,
                GRANTABLE: yes(each.grantable),
              },
            ],
      ),
  },
  DBA_TS_QUOTAS: {
    columns: ['USERNAME', 'TABLESPACE_NAME', 'MAX_BYTES'],
    rows: ({ users }) =>
      [...users.values()].flatMap(({ name, quotas }) =>
        [...quotas].map(([tablespace, bytes]) => ({
          USERNAME: name,
          TABLESPACE_NAME: tablespace,
          MAX_BYTES: String(bytes),
        })),
      ),
  },
  DBA_PROXIES: {
    columns: ['PROXY', 'CLIENT', 'AUTHENTICATION', 'AUTHORIZATION_CONSTRAINT', 'ROLE'],
    rows: ({ proxies }) =>
      proxies.flatMap(({ proxy, client, mode, roles, authenticated }) =>
        (mode === 'all' || mode === 'none' ? [null] : roles).map((ROLE) => ({
          PROXY: proxy,
          CLIENT: client,
          AUTHENTICATION: yes(authenticated),
          AUTHORIZATION_CONSTRAINT: {
            all: 'PROXY MAY ACTIVATE ALL CLIENT ROLES',
            none: 'NO CLIENT ROLES MAY BE ACTIVATED',
            only: 'PROXY MAY ACTIVATE ROLE',
            except: 'PROXY MAY NOT ACTIVATE ROLE',
          }[mode],
          ROLE,
        })),
      ),
  },
  DBA_RSRC_CONSUMER_GROUP_PRIVS: {
    columns: ['GRANTEE', 'GRANTED_GROUP', 'GRANT_OPTION'],
    rows: ({ consumerGroups }) =>
      consumerGroups.map(({ grantee, group, grantOption }) => ({
        GRANTEE: grantee,
        GRANTED_GROUP: group,
        GRANT_OPTION: yes(grantOption),
      })),
  },
  DBA_OBJECTS: {
    columns: ['OWNER', 'OBJECT_NAME', 'OBJECT_TYPE'],
    rows: ({ objects }) =>
      objects.map(({ owner, name, type }) => ({ OWNER: owner, OBJECT_NAME: name, OBJECT_TYPE: type })),
  },
  SESSION_PRIVS: {
    columns: ['PRIVILEGE'],
    rows: (model, session) =>
      [...new Set(grantees(model, session).flatMap((name) => [...ofGrantee(model.systemGrants, name).keys()]))].map(
        (PRIVILEGE) => ({ PRIVILEGE }),
      ),
  },
  SESSION_ROLES: {
    columns: ['ROLE'],
    rows: (model, session) => [...enabledRoles(model, session)].map((ROLE) => ({ ROLE })),
  },
};

/** The names of the release's views that an administrator sees. */
export function viewNames(release: Release): readonly string[] {
  return Object.keys(views).filter((name) => name.startsWith('DBA_') && exists(name, release));
}

/** @returns undefined where the session sees no such view */
export function viewFor(
  name: string,
  model: Model,
  session: Session,
): { readonly columns: readonly string[]; readonly rows: () => readonly ViewRow[] } | undefined {
  const view = views[name];
  if (view === undefined || !exists(name, model.release)) return undefined;
  if (name.startsWith('DBA_') && !seesDictionary(name, model, session)) return undefined;
  return { columns: view.columns, rows: () => view.rows(model, session) };
}

function seesDictionary(name: string, model: Model, session: Session): boolean {
  if (has(model, session, 'SELECT ANY DICTIONARY')) return true;
  if (enabledRoles(model, session).has('SELECT_CATALOG_ROLE')) return true;
  const whose = grantees(model, session);
  return model.objectGrants.some(
    (grant) =>
      grant.owner === 'SYS' &&
      grant.name === name &&
      ['SELECT', 'READ'].includes(grant.privilege) &&
      whose.includes(grant.grantee),
  );
}

function exists(name: string, release: Release): boolean {
  return name !== 'DBA_SCHEMA_PRIVS' || release === '23ai';
}

function userRows(model: Model): readonly ViewRow[] {
  return [...model.users.values()].map((user) => ({
    USERNAME: user.name,
    ACCOUNT_STATUS: accountStatus(user, isInRollover(user, model.now())),
    DEFAULT_TABLESPACE: user.defaultTablespace,
    TEMPORARY_TABLESPACE: user.temporaryTablespace,
    LOCAL_TEMP_TABLESPACE: user.localTemporaryTablespace,
    PROFILE: user.profile,
    EXTERNAL_NAME: user.externalName ?? null,
    AUTHENTICATION_TYPE: user.authentication,
    EDITIONS_ENABLED: user.editions ? 'Y' : 'N',
    LAST_LOGIN: user.hasLoggedIn ? '01-JAN-26 00.00.00.000000000 +00:00' : null,
    ORACLE_MAINTAINED: user.oracleMaintained ? 'Y' : 'N',
    COMMON: yes(user.oracleMaintained),
  }));
}

function isDefault(model: Model, grantee: string, role: string): boolean {
  const defaults = model.users.get(grantee)?.defaultRoles;
  if (defaults === undefined || defaults.mode === 'all') return true;
  return defaults.roles.includes(role) === (defaults.mode === 'only');
}
