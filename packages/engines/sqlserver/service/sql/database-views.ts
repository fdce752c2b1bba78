import { hasDatabasePermission, userIn } from '../model/authority.ts';
import { type Definition, hex, members, permissions, things, view } from './view.ts';
import { thingsSeenBy, usersSeenBy } from './visibility.ts';

/** Views of which every database has its own. */
export const databaseViews: Readonly<Record<string, Definition>> = {
  database_principals: view(
    [
      'name',
      'principal_id',
      'type',
      'sid',
      'authentication_type',
      'default_schema_name',
      'default_language_name',
      'owning_principal_id',
      'is_fixed_role',
      'allow_encrypted_value_modifications',
    ],
    (session, database) => database.principals.filter(usersSeenBy(session, database)),
    (each) => ({
      name: each.name,
      principal_id: each.id,
      type: each.type,
      sid: hex(each.sid),
      authentication_type: each.authentication,
      default_schema_name: each.defaultSchema,
      default_language_name: each.defaultLanguage,
      owning_principal_id: each.type === 'R' ? each.owner : null,
      is_fixed_role: each.fixed,
      allow_encrypted_value_modifications: each.encryptedModifications,
    }),
  ),
  database_role_members: members((_session, database) => database.members),
  database_permissions: permissions((session, database) => ({
    table: database.permissions,
    all:
      hasDatabasePermission(session, database, 'ALTER ANY USER') ||
      hasDatabasePermission(session, database, 'VIEW DEFINITION'),
    mine: userIn(session, database),
  })),
  all_columns: view(
    ['object_id', 'column_id', 'name'],
    (session, database) =>
      database.things
        .filter((thing) => thing.class === 1)
        .filter(thingsSeenBy(session, database))
        .flatMap(({ id, columns }) => columns.map((name, index) => ({ id, name, number: index + 1 }))),
    ({ id, name, number }) => ({ object_id: id, column_id: number, name }),
  ),
  all_objects: things(1, 'object_id', true),
  schemas: things(3, 'schema_id', false),
  assemblies: things(5, 'assembly_id', false),
  types: things(6, 'user_type_id', true),
  xml_schema_collections: things(10, 'xml_collection_id', true),
  service_message_types: things(15, 'message_type_id', false),
  service_contracts: things(16, 'service_contract_id', false),
  services: things(17, 'service_id', false),
  remote_service_bindings: things(18, 'remote_service_binding_id', false),
  routes: things(19, 'route_id', false),
  fulltext_catalogs: things(23, 'fulltext_catalog_id', false),
  symmetric_keys: things(24, 'symmetric_key_id', false),
  certificates: things(25, 'certificate_id', false),
  asymmetric_keys: things(26, 'asymmetric_key_id', false),
  fulltext_stoplists: things(29, 'stoplist_id', false),
  registered_search_property_lists: things(31, 'property_list_id', false),
  database_scoped_credentials: things(32, 'credential_id', false),
};
