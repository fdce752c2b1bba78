import { hasServerPermission } from '../model/authority.ts';
import { currentLogin } from '../model/session.ts';
import { type Definition, hex, members, permissions, view } from './view.ts';
import { loginsSeenBy } from './visibility.ts';

/** Views of the server: the same in every database. */
export const serverViews: Readonly<Record<string, Definition>> = {
  server_principals: view(
    [
      'name',
      'principal_id',
      'sid',
      'type',
      'is_disabled',
      'default_database_name',
      'default_language_name',
      'owning_principal_id',
      'is_fixed_role',
    ],
    (session) => session.state.principals.filter(loginsSeenBy(session)),
    (each) => ({
      name: each.name,
      principal_id: each.id,
      sid: hex(each.sid),
      type: each.type,
      is_disabled: each.disabled,
      default_database_name: each.defaultDatabase,
      default_language_name: each.defaultLanguage,
      owning_principal_id: each.type === 'R' ? each.owner : null,
      is_fixed_role: each.fixed,
    }),
  ),
  sql_logins: view(
    [
      'name',
      'principal_id',
      'sid',
      'type',
      'is_disabled',
      'is_policy_checked',
      'is_expiration_checked',
      'password_hash',
    ],
    (session) => {
      const seesHashes = hasServerPermission(session, 'CONTROL SERVER');
      const seen = session.state.principals.filter(({ type }) => type === 'S').filter(loginsSeenBy(session));
      return seen.map((each) => ({ each, hash: seesHashes ? (each.passwordHash ?? null) : null }));
    },
    ({ each, hash }) => ({
      name: each.name,
      principal_id: each.id,
      sid: hex(each.sid),
      type: each.type,
      is_disabled: each.disabled,
      is_policy_checked: each.checkPolicy,
      is_expiration_checked: each.checkExpiration,
      password_hash: hex(hash),
    }),
  ),
  server_role_members: members((session) => session.state.members),
  server_permissions: permissions((session) => ({
    table: session.state.permissions,
    all: hasServerPermission(session, 'ALTER ANY LOGIN') || hasServerPermission(session, 'VIEW ANY DEFINITION'),
    mine: currentLogin(session)?.id,
  })),
  endpoints: view(
    ['name', 'endpoint_id', 'principal_id'],
    ({ state }) => state.endpoints,
    ({ name, id, owner }) => ({ name, endpoint_id: id, principal_id: owner }),
  ),
  availability_replicas: view(
    ['group_id', 'replica_metadata_id'],
    ({ state }) => state.availabilityGroups,
    ({ id }) => ({ group_id: id, replica_metadata_id: id }),
  ),
  availability_groups: view(
    ['group_id', 'name'],
    ({ state }) => state.availabilityGroups,
    ({ id, name }) => ({ group_id: id, name }),
  ),
  credentials: view(
    ['credential_id', 'name'],
    ({ state }) => state.credentials,
    ({ id, name }) => ({ credential_id: id, name }),
  ),
  server_principal_credentials: view(
    ['principal_id', 'credential_id'],
    ({ state }) => state.loginCredentials,
    ({ login, credential }) => ({ principal_id: login, credential_id: credential }),
  ),
  databases: view(
    ['name', 'database_id', 'state_desc', 'is_read_only', 'owner_sid', 'containment'],
    ({ state }) => state.databases,
    (each) => ({
      name: each.name,
      database_id: each.id,
      state_desc: each.state,
      is_read_only: each.readOnly,
      owner_sid: hex(each.ownerSid),
      containment: each.contained ? 1 : 0,
    }),
  ),
};
