/**
 * Redshift's catalogue laid over PostgreSQL 13's. What PostgreSQL has no place for is kept in two tables of each
 * database and, where it belongs to the cluster's users, in role settings named `redshift_model.…`, which are shared
 * by all databases and are part of their transactions.
 */
export const catalogue: readonly string[] = [
  'SET allow_system_table_mods = on',
  'CREATE SCHEMA redshift_model',
  // Grants that PostgreSQL has no privilege for, and policies.
  `CREATE TABLE redshift_model.grants (kind text, object text[], privilege text, grantee oid, option boolean,
     PRIMARY KEY (kind, object, privilege, grantee))`,
  'CREATE TABLE redshift_model.datashares (name text PRIMARY KEY, owner oid)',
  `CREATE FUNCTION redshift_model.setting(role oid, name text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS $$
     SELECT substr(entry, length(name) + 17) FROM pg_db_role_setting, unnest(setconfig) AS entry
     WHERE setrole = role AND setdatabase = 0 AND starts_with(entry, 'redshift_model.' || name || '=') $$`,
  `CREATE FUNCTION redshift_model.is_user(role oid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS $$
     SELECT redshift_model.setting(role, 'is_user') IS NOT NULL $$`,
  `CREATE FUNCTION redshift_model.identity_type(role oid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS $$
     SELECT CASE WHEN role = 0 THEN 'public' ELSE (SELECT CASE WHEN starts_with(rolname, 'group:') THEN 'group'
       WHEN starts_with(rolname, 'role:') THEN 'role' ELSE 'user' END FROM pg_authid WHERE oid = role) END $$`,
  `CREATE FUNCTION redshift_model.identity_name(role oid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS $$
     SELECT CASE WHEN role = 0 THEN 'public' ELSE (SELECT regexp_replace(rolname, '^(group|role):', '') FROM pg_authid
       WHERE oid = role) END $$`,
  // Superusers see everything, as do users with ACCESS SYSTEM TABLE; everybody sees what is their own.
  `CREATE FUNCTION redshift_model.sees(role oid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS $$
     SELECT current_setting('redshift_model.sees_all', true) = 'on' OR (SELECT rolname = current_setting('redshift_model.me', true)
       FROM pg_authid WHERE oid = role) $$`,
  'DROP VIEW pg_catalog.pg_user',
  `CREATE VIEW pg_catalog.pg_user AS SELECT rolname AS usename, oid::int4 AS usesysid, rolcreatedb AS usecreatedb,
     rolsuper AS usesuper, false AS usecatupd, '********'::text AS passwd, rolvaliduntil::text AS valuntil,
     (SELECT array_agg(regexp_replace(entry, '^redshift\\.', '') ORDER BY entry) FROM pg_db_role_setting, unnest(setconfig) AS entry
       WHERE setrole = a.oid AND setdatabase = 0 AND NOT starts_with(entry, 'redshift_model.')) AS useconfig
     FROM pg_authid AS a WHERE redshift_model.is_user(oid)
     UNION ALL SELECT 'rdsdb', 1, true, true, true, '********', NULL, NULL`,
  'DROP VIEW pg_catalog.pg_group',
  `CREATE VIEW pg_catalog.pg_group AS SELECT redshift_model.identity_name(oid)::name AS groname, oid::int4 AS grosysid,
     ARRAY(SELECT member::int4 FROM pg_auth_members WHERE roleid = a.oid) AS grolist
     FROM pg_authid AS a WHERE starts_with(rolname, 'group:')`,
  'CREATE VIEW pg_catalog.pg_proc_info AS SELECT oid AS prooid, proname, pronamespace, proowner, prokind, pronargs, proargtypes FROM pg_proc',
  `CREATE VIEW pg_catalog.svv_user_info AS SELECT rolname::text AS user_name, oid::int4 AS user_id, rolcreatedb AS createdb,
     rolsuper AS superuser, false AS catalog_update,
     CASE WHEN rolconnlimit < 0 THEN 'UNLIMITED' ELSE rolconnlimit::text END AS connection_limit,
     coalesce(redshift_model.setting(oid, 'syslog'), 'RESTRICTED') AS syslog_access, NULL::timestamp AS last_ddl_timestamp,
     coalesce(redshift_model.setting(oid, 'timeout'), '0')::int4 AS session_timeout, NULL::text AS external_user_id
     FROM pg_authid WHERE redshift_model.is_user(oid) AND redshift_model.sees(oid)`,
  `CREATE VIEW pg_catalog.svv_roles AS SELECT oid::int4 AS role_id, redshift_model.identity_name(oid) AS role_name,
     coalesce(redshift_model.setting(oid, 'owner'), 'rdsdb') AS role_owner, NULL::text AS external_id
     FROM pg_authid WHERE starts_with(rolname, 'role:')`,
  `CREATE VIEW pg_catalog.svv_user_grants AS SELECT m.member::int4 AS user_id, redshift_model.identity_name(m.member) AS user_name,
     m.roleid::int4 AS role_id, redshift_model.identity_name(m.roleid) AS role_name, m.admin_option
     FROM pg_auth_members AS m JOIN pg_authid AS r ON r.oid = m.roleid AND starts_with(r.rolname, 'role:')
     WHERE redshift_model.is_user(m.member) AND redshift_model.sees(m.member)`,
  privileges(
    'svv_database_privileges',
    "d.datname::text AS database_name, x.privilege_type, 'DATABASE' AS privilege_scope",
    "pg_database AS d, aclexplode(d.datacl) AS x WHERE x.privilege_type <> 'CONNECT'",
    `object[1], privilege, CASE kind WHEN 'DATABASE' THEN 'DATABASE' ELSE split_part(kind, ' ', 1) END`,
    "kind = 'DATABASE' OR kind LIKE '% IN DATABASE'",
  ),
  privileges(
    'svv_schema_privileges',
    "n.nspname::text AS namespace_name, x.privilege_type, 'SCHEMA' AS privilege_scope",
    'pg_namespace AS n, aclexplode(n.nspacl) AS x',
    `object[1], privilege, CASE kind WHEN 'SCHEMA' THEN 'SCHEMA' ELSE split_part(kind, ' ', 1) END`,
    "kind = 'SCHEMA' OR kind LIKE '% IN SCHEMA'",
  ),
  privileges(
    'svv_relation_privileges',
    'n.nspname::text AS namespace_name, c.relname::text AS relation_name, x.privilege_type',
    "pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace, aclexplode(c.relacl) AS x WHERE c.relkind IN ('r', 'v', 'm') AND x.privilege_type <> 'TRIGGER' AND (c.oid >= 16384 OR x.grantee >= 16384)",
    'object[1], object[2], privilege',
    "kind = 'TABLE'",
  ),
  privileges(
    'svv_column_privileges',
    'n.nspname::text AS namespace_name, c.relname::text AS relation_name, a.attname::text AS column_name, x.privilege_type',
    'pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace, aclexplode(a.attacl) AS x',
  ),
  privileges(
    'svv_function_privileges',
    'n.nspname::text AS namespace_name, p.proname::text AS function_name, oidvectortypes(p.proargtypes) AS argument_types, x.privilege_type',
    'pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace, aclexplode(p.proacl) AS x',
  ),
  privileges(
    'svv_language_privileges',
    'l.lanname::text AS language_name, x.privilege_type',
    'pg_language AS l, aclexplode(l.lanacl) AS x',
  ),
  ofModel('svv_datashare_privileges', 'object[1] AS datashare_name, privilege AS privilege_type', "kind = 'DATASHARE'"),
  ofModel(
    'svv_ml_model_privileges',
    'object[1] AS namespace_name, object[2] AS model_name, 1 AS model_version, privilege AS privilege_type',
    "kind = 'MODEL'",
  ),
  ofModel(
    'svv_iam_privileges',
    `object[1] AS iam_arn, CASE privilege WHEN 'EXTERNAL FUNCTION' THEN 'EXFUNC' ELSE privilege END AS command_type`,
    "kind = 'IAM'",
  ),
  ofModel('svv_system_privileges', 'privilege AS system_privilege', "kind = 'SYSTEM'"),
  `CREATE VIEW pg_catalog.svv_rls_attached_policy AS SELECT object[1] AS relschema, object[2] AS relname, 'table'::text AS relkind,
     privilege AS polname, 'rdsdb'::text AS grantor, redshift_model.identity_name(grantee) AS grantee,
     redshift_model.identity_type(grantee) AS granteekind, true AS is_pol_on, true AS is_rls_on
     FROM redshift_model.grants WHERE kind = 'RLS' AND redshift_model.sees(0)`,
  `CREATE VIEW pg_catalog.svv_attached_masking_policy AS SELECT privilege AS policy_name, object[1] AS schema_name,
     object[2] AS table_name, 'table'::text AS table_type, 'rdsdb'::text AS grantor,
     redshift_model.identity_name(grantee) AS grantee, redshift_model.identity_type(grantee) AS grantee_type, 0 AS priority,
     '["a"]'::text AS input_columns, '["a"]'::text AS output_columns
     FROM redshift_model.grants WHERE kind = 'MASK' AND redshift_model.sees(0)`,
  `CREATE VIEW pg_catalog.svv_default_privileges AS SELECT n.nspname::text AS schema_name,
     CASE a.defaclobjtype WHEN 'r' THEN 'RELATION' ELSE 'FUNCTION' END AS object_type, a.defaclrole::int4 AS owner_id,
     redshift_model.identity_name(a.defaclrole) AS owner_name, 'user'::text AS owner_type, x.privilege_type,
     x.grantee::int4 AS grantee_id, redshift_model.identity_name(x.grantee) AS grantee_name,
     redshift_model.identity_type(x.grantee) AS grantee_type, x.is_grantable AS admin_option
     FROM pg_default_acl AS a LEFT JOIN pg_namespace AS n ON n.oid = a.defaclnamespace, aclexplode(a.defaclacl) AS x
     WHERE a.defaclobjtype IN ('r', 'f') AND (redshift_model.sees(a.defaclrole) OR redshift_model.sees(x.grantee))`,
  `CREATE VIEW pg_catalog.svv_datashares AS SELECT name AS share_name, owner::int4 AS share_owner, 'OUTBOUND'::text AS share_type
     FROM redshift_model.datashares`,
  `CREATE VIEW pg_catalog.svv_redshift_databases AS SELECT datname::text AS database_name, datdba::int4 AS database_owner,
     'local'::text AS database_type FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', 'app')`,
  'GRANT USAGE ON SCHEMA redshift_model TO PUBLIC',
];

/** A view of what an access list says, and of what the model keeps besides. */
function privileges(name: string, columns: string, from: string, modelColumns?: string, modelWhere?: string): string {
  const where = from.includes(' WHERE ') ? ' AND' : ' WHERE';
  const native = `SELECT ${columns}, ${identity('x.grantee')}, x.is_grantable AS admin_option FROM ${from}${where} ${seen('x.grantee')}`;
  const model =
    modelColumns === undefined
      ? ''
      : ` UNION ALL SELECT ${modelColumns}, ${identity('grantee')}, option FROM redshift_model.grants WHERE (${modelWhere}) AND ${seen('grantee')}`;
  return `CREATE VIEW pg_catalog.${name} AS ${native}${model}`;
}

function ofModel(name: string, columns: string, where: string): string {
  return `CREATE VIEW pg_catalog.${name} AS SELECT ${columns}, ${identity('grantee')}, option AS admin_option FROM redshift_model.grants WHERE ${where} AND ${seen('grantee')}`;
}

/** Superusers see every row: for them nothing is asked about each. */
function seen(oid: string): string {
  return `(current_setting('redshift_model.sees_all', true) = 'on' OR redshift_model.sees(${oid}))`;
}

function identity(oid: string): string {
  return `${oid}::int4 AS identity_id, redshift_model.identity_name(${oid}) AS identity_name, redshift_model.identity_type(${oid}) AS identity_type`;
}

/** For everybody: the views are meant to be read, and guard their rows themselves. */
export const readable = `DO $$ DECLARE v text; BEGIN FOR v IN SELECT viewname FROM pg_views WHERE schemaname = 'pg_catalog'
  AND (viewname LIKE 'svv%' OR viewname IN ('pg_user', 'pg_group', 'pg_proc_info'))
  LOOP EXECUTE format('GRANT SELECT ON pg_catalog.%I TO PUBLIC', v); END LOOP; END $$`;

/** Roles that Redshift brings along, with some of their system permissions. */
export const systemRoles: Readonly<Record<string, readonly string[]>> = {
  'sys:monitor': ['ACCESS CATALOG', 'ACCESS SYSTEM TABLE'],
  'sys:operator': ['ACCESS CATALOG', 'ACCESS SYSTEM TABLE', 'VACUUM', 'ANALYZE', 'CANCEL'],
  'sys:dba': ['CREATE SCHEMA', 'CREATE TABLE', 'DROP SCHEMA', 'DROP TABLE', 'TRUNCATE TABLE'],
  'sys:secadmin': ['CREATE USER', 'ALTER USER', 'DROP USER', 'CREATE ROLE', 'DROP ROLE'],
  'sys:superuser': ['CREATE USER', 'ALTER USER', 'DROP USER', 'CREATE ROLE', 'DROP ROLE', 'ACCESS SYSTEM TABLE'],
};
