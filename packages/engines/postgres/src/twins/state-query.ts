/**
 * Makes a message's catalogue queries mean the same whatever the session's settings are: as long as its
 * transaction lasts, names are the catalogue's, and no plan is compiled.
 */
export const plainCatalogue =
  "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL jit = off; SET LOCAL DateStyle = 'ISO'";

/** The role of this name, in the names of the session; quick, for there is an index. */
export function nameSql(name: string): string {
  return `convert_from(decode('${Buffer.from(name, 'utf8').toString('hex')}', 'hex'), getdatabaseencoding())::name`;
}

/**
 * One row with one column: all that decides whether the two roles may do the same, but for what the twin holds of
 * its own, of which it counts the entries. A login sends its name as UTF-8, and whatever encoding the database
 * has, the server compares the bytes: so they are taken here, too.
 */
export function stateSql(base: string, twin: string): string {
  return `WITH me AS (
  SELECT oid, rolname::text AS name, rolsuper AS super, rolcreaterole AS createrole FROM pg_roles WHERE rolname = current_user
), named AS MATERIALIZED (
  SELECT *, rolname = ${nameSql(base)} AS is_base FROM pg_roles WHERE rolname IN (${nameSql(base)}, ${nameSql(twin)})
), base AS (SELECT oid FROM named WHERE is_base), twin AS (SELECT oid FROM named WHERE NOT is_base)
SELECT json_build_object(
  'version', current_setting('server_version_num')::int,
  'database', current_database(),
  'twinName', ${nameSql(twin)},
  'me', (SELECT row_to_json(me) FROM me),
  'roles', (SELECT json_agg(json_build_object(
    'isBase', is_base, 'name', rolname, 'login', rolcanlogin, 'super', rolsuper,
    'administered', pg_has_role((SELECT oid FROM me), oid, 'MEMBER WITH ADMIN OPTION'),
    'attributes', json_build_object(
      'SUPERUSER', rolsuper, 'CREATEDB', rolcreatedb, 'CREATEROLE', rolcreaterole, 'INHERIT', rolinherit,
      'REPLICATION', rolreplication, 'BYPASSRLS', rolbypassrls),
    'connectionLimit', rolconnlimit,
    'validUntil', CASE WHEN isfinite(rolvaliduntil)
      THEN to_char(rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00 BC')
      ELSE coalesce(rolvaliduntil::text, 'infinity') END)) FROM named),
  'settings', (SELECT json_agg(json_build_object(
    'isBase', s.setrole = (SELECT oid FROM base), 'database', d.datname, 'config', s.setconfig))
    FROM pg_db_role_setting AS s LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
    WHERE s.setrole IN (SELECT oid FROM named)),
  'rolesOfDatabases', (SELECT json_agg(json_build_object('database', d.datname, 'role', substr(entry, 6)))
    FROM pg_db_role_setting AS s LEFT JOIN pg_database AS d ON d.oid = s.setdatabase, unnest(s.setconfig) AS entry
    WHERE s.setrole = 0 AND starts_with(entry, 'role=') AND EXISTS (
      SELECT FROM pg_roles AS r WHERE r.rolname = substr(entry, 6) AND pg_has_role((SELECT oid FROM base), r.oid,
        CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END))),
  'memberships', (SELECT json_agg(json_build_object(
    'role', pg_get_userbyid(m.roleid), 'member', pg_get_userbyid(m.member), 'grantor', pg_get_userbyid(m.grantor),
    'roleIs', CASE m.roleid WHEN (SELECT oid FROM base) THEN 'base' WHEN (SELECT oid FROM twin) THEN 'twin' ELSE 'other' END,
    'memberIs', CASE m.member WHEN (SELECT oid FROM base) THEN 'base' ELSE 'twin' END,
    'grantorIsTwin', m.grantor = (SELECT oid FROM twin),
    'admin', m.admin_option,
    'inherit', coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true),
    'set', coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)))
    FROM pg_auth_members AS m WHERE m.member IN (SELECT oid FROM named)),
  'iamMembers', (SELECT json_agg(pg_get_userbyid(m.member))
    FROM pg_roles AS iam JOIN pg_auth_members AS m ON m.roleid = iam.oid, named AS n
    WHERE iam.rolname = 'rds_iam' AND NOT n.rolsuper AND pg_has_role(n.oid, m.member, 'MEMBER')),
  'ownEntries', (SELECT json_agg(json_build_object('database', datname, 'here', here, 'count', n)) FROM (
    SELECT d.datname, d.oid IS NULL OR d.datname = current_database() AS here, count(*) AS n
    FROM pg_shdepend AS s LEFT JOIN pg_database AS d ON d.oid = s.dbid
    WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = (SELECT oid FROM twin) AND s.deptype IN ('o', 'a', 'r')
    GROUP BY 1, 2) AS e)
) AS state`;
}
