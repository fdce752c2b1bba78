/** Superusers see everything, as do users with ACCESS SYSTEM TABLE. */
const seesAll = "current_setting('redshift_model.sees_all', true) = 'on'";

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
  'DROP VIEW pg_catalog.pg_user',
  `CREATE VIEW pg_catalog.pg_user AS SELECT rolname AS usename, oid::int4 AS usesysid, rolcreatedb AS usecreatedb,
     rolsuper AS usesuper, false AS usecatupd, '********'::text AS passwd, rolvaliduntil::text AS valuntil,
     (SELECT array_agg(regexp_replace(entry, '^redshift\\.', '') ORDER BY entry) FROM unnest(s.setconfig) AS entry
       WHERE NOT starts_with(entry, 'redshift_model.')) AS useconfig
     FROM pg_authid AS a ${settingsOfUser('a.oid')}
     UNION ALL SELECT 'rdsdb', 1, true, true, true, '********', NULL, NULL`,
  'DROP VIEW pg_catalog.pg_group',
  `CREATE VIEW pg_catalog.pg_group AS SELECT (${nameOf('a')})::name AS groname, oid::int4 AS grosysid,
     coalesce(m.members, '{}') AS grolist
     FROM pg_authid AS a LEFT JOIN (SELECT roleid, array_agg(member::int4) AS members FROM pg_auth_members GROUP BY roleid) AS m
     ON m.roleid = a.oid WHERE starts_with(rolname, 'group:')`,
  'CREATE VIEW pg_catalog.pg_proc_info AS SELECT oid AS prooid, proname, pronamespace, proowner, prokind, pronargs, proargtypes FROM pg_proc',
  `CREATE VIEW pg_catalog.svv_user_info AS SELECT rolname::text AS user_name, oid::int4 AS user_id, rolcreatedb AS createdb,
     rolsuper AS superuser, false AS catalog_update,
     CASE WHEN rolconnlimit < 0 THEN 'UNLIMITED' ELSE rolconnlimit::text END AS connection_limit,
     coalesce(${setting('syslog')}, 'RESTRICTED') AS syslog_access, NULL::timestamp AS last_ddl_timestamp,
     coalesce(${setting('timeout')}, '0')::int4 AS session_timeout, NULL::text AS external_user_id
     FROM pg_authid AS a ${settingsOfUser('a.oid')} WHERE ${seen('a')}`,
  `CREATE VIEW pg_catalog.svv_roles AS SELECT oid::int4 AS role_id, ${nameOf('a')} AS role_name,
     coalesce(${setting('owner')}, 'rdsdb') AS role_owner, NULL::text AS external_id
     FROM pg_authid AS a LEFT JOIN pg_db_role_setting AS s ON s.setrole = a.oid AND s.setdatabase = 0
     WHERE starts_with(rolname, 'role:')`,
  `CREATE VIEW pg_catalog.svv_user_grants AS SELECT m.member::int4 AS user_id, ${nameOf('u')} AS user_name,
     m.roleid::int4 AS role_id, ${nameOf('r')} AS role_name, m.admin_option
     FROM pg_auth_members AS m JOIN pg_authid AS r ON r.oid = m.roleid AND starts_with(r.rolname, 'role:')
     JOIN pg_authid AS u ON u.oid = m.member ${settingsOfUser('u.oid')} WHERE ${seen('u')}`,
  privileges(
    'svv_database_privileges',
    "d.datname::text AS database_name, x.privilege_type, 'DATABASE' AS privilege_scope",
    'pg_database AS d',
    'd.datacl',
    "x.privilege_type <> 'CONNECT'",
    `object[1], privilege, CASE kind WHEN 'DATABASE' THEN 'DATABASE' ELSE split_part(kind, ' ', 1) END`,
    "kind = 'DATABASE' OR kind LIKE '% IN DATABASE'",
  ),
  privileges(
    'svv_schema_privileges',
    "n.nspname::text AS namespace_name, x.privilege_type, 'SCHEMA' AS privilege_scope",
    'pg_namespace AS n',
    'n.nspacl',
    'true',
    `object[1], privilege, CASE kind WHEN 'SCHEMA' THEN 'SCHEMA' ELSE split_part(kind, ' ', 1) END`,
    "kind = 'SCHEMA' OR kind LIKE '% IN SCHEMA'",
  ),
  privileges(
    'svv_relation_privileges',
    'n.nspname::text AS namespace_name, c.relname::text AS relation_name, x.privilege_type',
    'pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace',
    'c.relacl',
    "c.relkind IN ('r', 'v', 'm') AND x.privilege_type <> 'TRIGGER' AND (c.oid >= 16384 OR x.grantee >= 16384)",
    'object[1], object[2], privilege',
    "kind = 'TABLE'",
  ),
  privileges(
    'svv_column_privileges',
    'n.nspname::text AS namespace_name, c.relname::text AS relation_name, a.attname::text AS column_name, x.privilege_type',
    'pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace',
    'a.attacl',
  ),
  privileges(
    'svv_function_privileges',
    'n.nspname::text AS namespace_name, p.proname::text AS function_name, oidvectortypes(p.proargtypes) AS argument_types, x.privilege_type',
    'pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace',
    'p.proacl',
  ),
  privileges(
    'svv_language_privileges',
    'l.lanname::text AS language_name, x.privilege_type',
    'pg_language AS l',
    'l.lanacl',
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
     privilege AS polname, 'rdsdb'::text AS grantor, ${granteeName('grantee', 'who')} AS grantee,
     ${granteeType('grantee', 'who')} AS granteekind, true AS is_pol_on, true AS is_rls_on
     FROM redshift_model.grants ${grantee('grantee')} WHERE kind = 'RLS' AND ${seesAll}`,
  `CREATE VIEW pg_catalog.svv_attached_masking_policy AS SELECT privilege AS policy_name, object[1] AS schema_name,
     object[2] AS table_name, 'table'::text AS table_type, 'rdsdb'::text AS grantor,
     ${granteeName('grantee', 'who')} AS grantee, ${granteeType('grantee', 'who')} AS grantee_type, 0 AS priority,
     '["a"]'::text AS input_columns, '["a"]'::text AS output_columns
     FROM redshift_model.grants ${grantee('grantee')} WHERE kind = 'MASK' AND ${seesAll}`,
  `CREATE VIEW pg_catalog.svv_default_privileges AS SELECT n.nspname::text AS schema_name,
     CASE a.defaclobjtype WHEN 'r' THEN 'RELATION' ELSE 'FUNCTION' END AS object_type, a.defaclrole::int4 AS owner_id,
     ${granteeName('a.defaclrole', 'o')} AS owner_name, 'user'::text AS owner_type, x.privilege_type,
     x.grantee::int4 AS grantee_id, ${granteeName('x.grantee', 'who')} AS grantee_name,
     ${granteeType('x.grantee', 'who')} AS grantee_type, x.is_grantable AS admin_option
     FROM pg_default_acl AS a LEFT JOIN pg_namespace AS n ON n.oid = a.defaclnamespace
     LEFT JOIN pg_authid AS o ON o.oid = a.defaclrole CROSS JOIN aclexplode(a.defaclacl) AS x ${grantee('x.grantee')}
     WHERE a.defaclobjtype IN ('r', 'f') AND (${seen('o')} OR ${seen('who')})`,
  `CREATE VIEW pg_catalog.svv_datashares AS SELECT name AS share_name, owner::int4 AS share_owner, 'OUTBOUND'::text AS share_type
     FROM redshift_model.datashares`,
  `CREATE VIEW pg_catalog.svv_redshift_databases AS SELECT datname::text AS database_name, datdba::int4 AS database_owner,
     'local'::text AS database_type FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', 'app')`,
  'GRANT USAGE ON SCHEMA redshift_model TO PUBLIC',
];

/**
 * A view of what an access list says, and of what the model keeps besides. Where there is no list it is not asked for
 * its entries: to call a function for each of thousands of columns takes longer than all the rest.
 */
function privileges(
  name: string,
  columns: string,
  from: string,
  list: string,
  where = 'true',
  modelColumns?: string,
  modelWhere?: string,
): string {
  const native = `SELECT ${columns}, ${identity('x.grantee')}, x.is_grantable AS admin_option
     FROM ${from} CROSS JOIN aclexplode(${list}) AS x ${grantee('x.grantee')}
     WHERE ${list} IS NOT NULL AND ${where} AND ${seen('who')}`;
  const model =
    modelColumns === undefined
      ? ''
      : ` UNION ALL SELECT ${modelColumns}, ${identity('grantee')}, option
     FROM redshift_model.grants ${grantee('grantee')} WHERE (${modelWhere}) AND ${seen('who')}`;
  return `CREATE VIEW pg_catalog.${name} AS ${native}${model}`;
}

function ofModel(name: string, columns: string, where: string): string {
  return `CREATE VIEW pg_catalog.${name} AS SELECT ${columns}, ${identity('grantee')}, option AS admin_option
     FROM redshift_model.grants ${grantee('grantee')} WHERE ${where} AND ${seen('who')}`;
}

// What follows is text and no functions of the server's: one that reads tables is planned anew in each statement that
// calls it, and that takes longer than the statement itself.

function identity(oid: string): string {
  return `${oid}::int4 AS identity_id, ${granteeName(oid, 'who')} AS identity_name, ${granteeType(oid, 'who')} AS identity_type`;
}

/** The role that a grant is to, as `who`. PUBLIC is none. */
function grantee(oid: string): string {
  return `LEFT JOIN pg_authid AS who ON who.oid = ${oid}`;
}

/**
 * The settings of a user, as `s`; who has none of the model's is no user. They are looked up for each user that is left:
 * the table has grown by all that has ever been set, and OFFSET keeps it from being read as a whole.
 */
export function settingsOfUser(oid: string): string {
  return `CROSS JOIN LATERAL (SELECT setconfig FROM pg_db_role_setting WHERE setrole = ${oid} AND setdatabase = 0
     AND 'redshift_model.is_user=on' = ANY (setconfig) OFFSET 0) AS s`;
}

/** One of the model's among the settings `s`. */
export function setting(name: string): string {
  const start = `redshift_model.${name}=`;
  return `(SELECT substr(entry, ${start.length + 1}) FROM unnest(s.setconfig) AS entry WHERE starts_with(entry, '${start}'))`;
}

function granteeName(oid: string, role: string): string {
  return `CASE WHEN ${oid} = 0 THEN 'public' ELSE ${nameOf(role)} END`;
}

function granteeType(oid: string, role: string): string {
  return `CASE WHEN ${oid} = 0 THEN 'public' WHEN ${role}.oid IS NULL THEN NULL WHEN starts_with(${role}.rolname, 'group:') THEN 'group'
     WHEN starts_with(${role}.rolname, 'role:') THEN 'role' ELSE 'user' END`;
}

function nameOf(role: string): string {
  return `CASE WHEN starts_with(${role}.rolname, 'group:') THEN substr(${role}.rolname, 7)
     WHEN starts_with(${role}.rolname, 'role:') THEN substr(${role}.rolname, 6) ELSE ${role}.rolname::text END`;
}

/** Everybody sees what is their own. */
function seen(role: string): string {
  return `(${seesAll} OR ${role}.rolname = current_setting('redshift_model.me', true))`;
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
