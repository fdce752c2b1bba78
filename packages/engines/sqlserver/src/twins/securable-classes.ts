/** A class of securables in a database, and where its names and owners are (`sys.securable_classes`, `sys.database_permissions`). */
export interface SecurableClass {
  readonly number: number;
  /** As GRANT … ON and ALTER AUTHORIZATION ON have it. */
  readonly keyword: string;
  readonly view: string;
  /** The column of the view that `major_id` is. */
  readonly id: string;
  readonly inSchema: boolean;
  /** The column of the view that tells the owner. */
  readonly owner: string;
}

type Line = readonly [number: number, keyword: string, view: string, id: string, inSchema?: 'in a schema'];

const lines: readonly Line[] = [
  [1, 'OBJECT', 'all_objects', 'object_id', 'in a schema'],
  [3, 'SCHEMA', 'schemas', 'schema_id'],
  [5, 'ASSEMBLY', 'assemblies', 'assembly_id'],
  [6, 'TYPE', 'types', 'user_type_id', 'in a schema'],
  [10, 'XML SCHEMA COLLECTION', 'xml_schema_collections', 'xml_collection_id', 'in a schema'],
  [15, 'MESSAGE TYPE', 'service_message_types', 'message_type_id'],
  [16, 'CONTRACT', 'service_contracts', 'service_contract_id'],
  [17, 'SERVICE', 'services', 'service_id'],
  [18, 'REMOTE SERVICE BINDING', 'remote_service_bindings', 'remote_service_binding_id'],
  [19, 'ROUTE', 'routes', 'route_id'],
  [23, 'FULLTEXT CATALOG', 'fulltext_catalogs', 'fulltext_catalog_id'],
  [24, 'SYMMETRIC KEY', 'symmetric_keys', 'symmetric_key_id'],
  [25, 'CERTIFICATE', 'certificates', 'certificate_id'],
  [26, 'ASYMMETRIC KEY', 'asymmetric_keys', 'asymmetric_key_id'],
  [29, 'FULLTEXT STOPLIST', 'fulltext_stoplists', 'stoplist_id'],
  [31, 'SEARCH PROPERTY LIST', 'registered_search_property_lists', 'property_list_id'],
  [32, 'DATABASE SCOPED CREDENTIAL', 'database_scoped_credentials', 'credential_id'],
];

/** The class of the database itself, of objects and their columns, and of users and roles. */
export const databaseClass = 0;
export const objectClass = 1;
export const principalClass = 4;

/** The classes whose names and owners each have a view of their own. */
export const securableClasses: readonly SecurableClass[] = [
  ...lines.map(([number, keyword, view, id, inSchema]) => ({
    number,
    keyword,
    view,
    id,
    inSchema: inSchema !== undefined,
    owner: 'principal_id',
  })),
  // Its keyword depends on what the principal is: see principalKeyword.
  {
    number: principalClass,
    keyword: 'USER',
    view: 'database_principals',
    id: 'principal_id',
    inSchema: false,
    owner: 'owning_principal_id',
  },
];

/** What a principal of this `type` is called in GRANT … ON. */
export function principalKeyword(type: unknown): string {
  const kind = String(type).trim();
  if (kind === 'R') return 'ROLE';
  return kind === 'A' ? 'APPLICATION ROLE' : 'USER';
}
