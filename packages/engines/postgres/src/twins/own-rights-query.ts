import { nameSql } from './state-query.ts';

/** Kinds of objects: the catalogue that holds them, and what a grant calls them. */
const kinds: readonly string[] = [
  kind(
    'pg_class',
    "CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END",
    'relnamespace',
    'relname',
    'relowner',
    'relacl',
  ),
  kind('pg_proc', "'ROUTINE'", 'pronamespace', 'proname', 'proowner', 'proacl'),
  kind('pg_type', "'TYPE'", 'typnamespace', 'typname', 'typowner', 'typacl'),
  kind('pg_namespace', "'SCHEMA'", 'NULL::oid', 'nspname', 'nspowner', 'nspacl'),
  kind('pg_database', "'DATABASE'", 'NULL::oid', 'datname', 'datdba', 'datacl'),
  kind('pg_tablespace', "'TABLESPACE'", 'NULL::oid', 'spcname', 'spcowner', 'spcacl'),
  kind('pg_language', "'LANGUAGE'", 'NULL::oid', 'lanname', 'lanowner', 'lanacl'),
  kind('pg_foreign_data_wrapper', "'FOREIGN DATA WRAPPER'", 'NULL::oid', 'fdwname', 'fdwowner', 'fdwacl'),
  kind('pg_foreign_server', "'FOREIGN SERVER'", 'NULL::oid', 'srvname', 'srvowner', 'srvacl'),
  `SELECT 'LARGE OBJECT', NULL::oid, c.oid::text, NULL::text, c.lomowner, c.lomacl
    FROM pg_largeobject_metadata AS c WHERE d.classid = 'pg_largeobject'::regclass AND c.oid = d.objid`,
  `SELECT 'COLUMN', c.relnamespace, c.relname::text, a.attname::text, c.relowner, a.attacl
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.objsubid
    WHERE d.classid = 'pg_class'::regclass AND d.objsubid > 0 AND c.oid = d.objid`,
];

/** From 15 on; owned by the bootstrap superuser, whose number is 10. */
const parameters = `SELECT 'PARAMETER', NULL::oid, c.parname, NULL::text, 10::oid, c.paracl
    FROM pg_parameter_acl AS c WHERE d.classid = 'pg_parameter_acl'::regclass AND c.oid = d.objid`;

/**
 * One row with one column: what a role holds of its own in this database, and in what databases share. Starts from
 * pg_shdepend, which knows every object that names the role, so that no catalogue is read as a whole.
 * @param version server_version_num
 */
export function ownRightsSql(base: string, twin: string, version: number): string {
  const role = (name: string) => `(SELECT oid FROM pg_roles WHERE rolname = ${nameSql(name)})`;
  const objects = [...kinds, ...(version >= 150_000 ? [parameters] : [])].join('\n    UNION ALL ');
  const aclItems = (acl: string, which = 'true') => `(SELECT json_agg(json_build_object(
      'grantor', pg_get_userbyid(x.grantor), 'privilege', x.privilege_type, 'grantable', x.is_grantable,
      'grantee', CASE x.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(x.grantee) END,
      'by', CASE x.grantor WHEN (SELECT oid FROM twin) THEN 'twin' ELSE 'other' END,
      'to', CASE x.grantee WHEN (SELECT oid FROM twin) THEN 'twin' WHEN (SELECT oid FROM base) THEN 'base' ELSE 'other' END))
      FROM aclexplode(${acl}) AS x WHERE ${which})`;
  // Of an object that many may use, only what concerns the two.
  const concerned = '(SELECT oid FROM twin) IN (x.grantor, x.grantee) OR x.grantee = (SELECT oid FROM base)';
  return `WITH twin AS MATERIALIZED (SELECT ${role(twin)} AS oid), base AS MATERIALIZED (SELECT ${role(base)} AS oid),
d AS MATERIALIZED (
  SELECT classid, objid, objsubid, deptype FROM pg_shdepend
  WHERE refclassid = 'pg_authid'::regclass AND refobjid = (SELECT oid FROM twin) AND deptype IN ('o', 'a', 'r')
    AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
), entry AS (
  SELECT d.classid, d.objid, d.deptype, o.*, n.nspname FROM d
  LEFT JOIN LATERAL (
    ${objects}
  ) AS o (kind, namespace, name, detail, owner, acl) ON true
  LEFT JOIN pg_namespace AS n ON n.oid = o.namespace
)
SELECT json_build_object(
  'owned', (SELECT json_agg(i.type || ' ' || i.identity) FROM (
    SELECT classid, objid FROM entry
    WHERE deptype = 'o' AND classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass) LIMIT 20) AS e,
    pg_identify_object(e.classid, e.objid, 0) AS i),
  'ownedCount', (SELECT count(*) FROM entry
    WHERE deptype = 'o' AND classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass)),
  'grants', (SELECT json_agg(json_build_object(
    'kind', kind, 'schema', nspname, 'name', name, 'column', CASE kind WHEN 'COLUMN' THEN detail END,
    'arguments', CASE kind WHEN 'ROUTINE' THEN
      (SELECT array_to_string(a.object_args, ', ') FROM pg_identify_object_as_address(classid, objid, 0) AS a) END,
    'owner', pg_get_userbyid(owner), 'ownerIsBase', owner = (SELECT oid FROM base),
    'items', ${aclItems('acl', concerned)}))
    FROM entry WHERE deptype = 'a' AND kind IS NOT NULL AND owner <> (SELECT oid FROM twin)),
  'policies', (SELECT json_agg(json_build_object(
    'name', p.polname, 'schema', pn.nspname, 'table', t.relname, 'owner', pg_get_userbyid(t.relowner),
    'roles', (SELECT json_agg(DISTINCT pg_get_userbyid(CASE r WHEN (SELECT oid FROM twin) THEN (SELECT oid FROM base) ELSE r END))
      FROM unnest(p.polroles) AS r)))
    FROM d JOIN pg_policy AS p ON p.oid = d.objid JOIN pg_class AS t ON t.oid = p.polrelid
    JOIN pg_namespace AS pn ON pn.oid = t.relnamespace WHERE d.deptype = 'r' AND d.classid = 'pg_policy'::regclass),
  'defaults', (SELECT json_agg(json_build_object(
    'role', pg_get_userbyid(a.defaclrole), 'of', CASE a.defaclrole WHEN (SELECT oid FROM twin) THEN 'twin'
      WHEN (SELECT oid FROM base) THEN 'base' ELSE 'other' END,
    'schema', an.nspname, 'type', a.defaclobjtype, 'items', ${aclItems('a.defaclacl')},
    'builtIn', ${aclItems("CASE WHEN a.defaclnamespace = 0 THEN acldefault(CASE a.defaclobjtype WHEN 'S' THEN 's' ELSE a.defaclobjtype END, a.defaclrole) END")}))
    FROM d JOIN pg_default_acl AS a ON a.oid = d.objid LEFT JOIN pg_namespace AS an ON an.oid = a.defaclnamespace
    WHERE d.classid = 'pg_default_acl'::regclass),
  'memberships', (SELECT json_agg(json_build_object(
    'role', pg_get_userbyid(m.roleid), 'member', pg_get_userbyid(m.member), 'memberIs', CASE m.member
      WHEN (SELECT oid FROM base) THEN 'base' WHEN (SELECT oid FROM twin) THEN 'twin' ELSE 'other' END,
    'admin', m.admin_option,
    'inherit', coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true),
    'set', coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)))
    FROM d JOIN pg_auth_members AS m ON m.grantor = (SELECT oid FROM twin) AND (to_jsonb(m) ->> 'oid')::oid = d.objid
    WHERE d.classid = 'pg_auth_members'::regclass),
  'others', (SELECT json_agg(i.type || ' ' || i.identity) FROM (
    SELECT DISTINCT classid, objid FROM entry WHERE kind IS NULL AND deptype <> 'r'
    AND (deptype = 'a' OR classid = 'pg_user_mapping'::regclass)
    AND classid NOT IN ('pg_default_acl'::regclass, 'pg_auth_members'::regclass) LIMIT 20) AS e,
    pg_identify_object(e.classid, e.objid, 0) AS i)
) AS rights`;
}

function kind(catalogue: string, name: string, namespace: string, label: string, owner: string, acl: string): string {
  const schema = namespace.includes('::') ? namespace : `c.${namespace}`;
  const whole = catalogue === 'pg_class' ? ' AND d.objsubid = 0' : '';
  return `SELECT ${name}, ${schema}, c.${label}::text, NULL::text, c.${owner}, c.${acl}
    FROM ${catalogue} AS c WHERE d.classid = '${catalogue}'::regclass${whole} AND c.oid = d.objid`;
}
