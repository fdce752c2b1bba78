import { quoteText } from '../quoting.ts';

/** What is asked about two users, each in one statement over one of Redshift's own views (Redshift Developer Guide, "SVV views"). */
export interface Queries {
  readonly [name: string]: string;
}

/**
 * Settings of the session that would change what the statements mean or how their answers are written: a user may have
 * any of them.
 */
export const sessionSettings: readonly string[] = [
  'SET enable_case_sensitive_identifier TO true',
  'SET describe_field_name_in_uppercase TO false',
  "SET datestyle TO 'ISO'",
  "SET timezone TO 'UTC'",
  'SET statement_timeout TO 60000',
];

/** Those whose answer is the same in every database of the cluster. */
export function clusterQueries(names: readonly string[], mark: string): Queries {
  const { list, mine } = ofUsers(names);
  return {
    me: 'SELECT usename, usesuper FROM pg_catalog.pg_user WHERE usename = current_user',
    users: `SELECT usename, usesysid, usecreatedb, usesuper, valuntil, useconfig FROM pg_catalog.pg_user WHERE usename IN (${list})`,
    userInfos: `SELECT user_name, connection_limit, syslog_access, session_timeout FROM pg_catalog.svv_user_info WHERE user_name IN (${list})`,
    groups: `SELECT u.usename, g.groname FROM pg_catalog.pg_group AS g, pg_catalog.pg_user AS u WHERE u.usesysid = ANY (g.grolist) AND u.usename IN (${list})`,
    mark: `SELECT groname FROM pg_catalog.pg_group WHERE groname = ${quoteText(mark)}`,
    roles: `SELECT user_name AS identity_name, role_name, admin_option FROM pg_catalog.svv_user_grants WHERE user_name IN (${list})`,
    systemPrivileges: `SELECT identity_name, system_privilege FROM pg_catalog.svv_system_privileges WHERE ${mine}`,
    databasePrivileges: `SELECT identity_name, database_name, privilege_type, privilege_scope, admin_option FROM pg_catalog.svv_database_privileges WHERE ${mine}`,
    datasharePrivileges: `SELECT identity_name, datashare_name, privilege_type, admin_option FROM pg_catalog.svv_datashare_privileges WHERE ${mine}`,
    iamPrivileges: `SELECT identity_name, iam_arn, command_type FROM pg_catalog.svv_iam_privileges WHERE ${mine}`,
    ownedDatabases: `SELECT u.usename AS owner, d.datname AS name FROM pg_catalog.pg_database AS d, pg_catalog.pg_user AS u WHERE u.usesysid = d.datdba AND u.usename IN (${list})`,
    ownedRoles: `SELECT role_owner AS owner, role_name AS name FROM pg_catalog.svv_roles WHERE role_owner IN (${list})`,
    ownedDatashares: `SELECT u.usename AS owner, s.share_name AS name FROM pg_catalog.svv_datashares AS s, pg_catalog.pg_user AS u WHERE u.usesysid = s.share_owner AND s.share_type = 'OUTBOUND' AND u.usename IN (${list})`,
    databases: "SELECT database_name FROM pg_catalog.svv_redshift_databases WHERE database_type = 'local'",
  };
}

/** Those that each database answers for itself. */
export function databaseQueries(names: readonly string[]): Queries {
  const { list, mine } = ofUsers(names);
  const owner = (tableAndJoin: string) =>
    `FROM pg_catalog.pg_user AS u, pg_catalog.pg_namespace AS n, ${tableAndJoin} AND u.usename IN (${list})`;
  return {
    schemaPrivileges: `SELECT identity_name, namespace_name, privilege_type, privilege_scope, admin_option FROM pg_catalog.svv_schema_privileges WHERE ${mine}`,
    relationPrivileges: `SELECT identity_name, namespace_name, relation_name, privilege_type, admin_option FROM pg_catalog.svv_relation_privileges WHERE ${mine}`,
    columnPrivileges: `SELECT identity_name, namespace_name, relation_name, column_name, privilege_type FROM pg_catalog.svv_column_privileges WHERE ${mine}`,
    functionPrivileges: `SELECT identity_name, namespace_name, function_name, argument_types, privilege_type, admin_option FROM pg_catalog.svv_function_privileges WHERE ${mine}`,
    languagePrivileges: `SELECT identity_name, language_name, privilege_type, admin_option FROM pg_catalog.svv_language_privileges WHERE ${mine}`,
    modelPrivileges: `SELECT identity_name, namespace_name, model_name, privilege_type, admin_option FROM pg_catalog.svv_ml_model_privileges WHERE ${mine}`,
    defaultPrivileges: `SELECT schema_name, object_type, owner_name, privilege_type, grantee_name, grantee_type, admin_option FROM pg_catalog.svv_default_privileges WHERE owner_name IN (${list}) OR grantee_type = 'user' AND grantee_name IN (${list})`,
    rowPolicies: `SELECT grantee AS identity_name, relschema, relname, polname FROM pg_catalog.svv_rls_attached_policy WHERE granteekind = 'user' AND grantee IN (${list})`,
    maskingPolicies: `SELECT grantee AS identity_name, schema_name, table_name, policy_name, priority, output_columns FROM pg_catalog.svv_attached_masking_policy WHERE grantee_type = 'user' AND grantee IN (${list})`,
    ownedSchemas: `SELECT u.usename AS owner, n.nspname AS namespace_name FROM pg_catalog.pg_user AS u, pg_catalog.pg_namespace AS n WHERE n.nspowner = u.usesysid AND u.usename IN (${list})`,
    ownedRelations: `SELECT u.usename AS owner, n.nspname AS namespace_name, c.relname AS name, c.relkind AS kind ${owner("pg_catalog.pg_class AS c WHERE c.relnamespace = n.oid AND c.relowner = u.usesysid AND c.relkind IN ('r', 'v', 'm')")}`,
    ownedFunctions: `SELECT u.usename AS owner, n.nspname AS namespace_name, p.proname AS name, pg_catalog.oidvectortypes(p.proargtypes) AS argument_types, p.prokind AS kind ${owner('pg_catalog.pg_proc_info AS p WHERE p.pronamespace = n.oid AND p.proowner = u.usesysid')}`,
    procedures:
      "SELECT n.nspname AS namespace_name, p.proname AS name, pg_catalog.oidvectortypes(p.proargtypes) AS argument_types FROM pg_catalog.pg_proc_info AS p, pg_catalog.pg_namespace AS n WHERE p.pronamespace = n.oid AND p.prokind = 'p' AND p.proowner > 1",
  };
}

function ofUsers(names: readonly string[]): { readonly list: string; readonly mine: string } {
  const list = names.map(quoteText).join(', ');
  return { list, mine: `identity_type = 'user' AND identity_name IN (${list})` };
}
