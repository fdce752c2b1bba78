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

function databaseSql(oid: string): string {
  return `(SELECT datname FROM pg_database WHERE oid = ${oid})`;
}

/**
 * One row with one column: all that decides whether the two roles may do the same, but for what the twin holds of
 * its own, of which it counts the entries. A login sends its name as UTF-8, and whatever encoding the database
 * has, the server compares the bytes: so they are taken here, too.
 *
 * On a login that has just begun, planning is nearly all of what this takes: the view pg_roles, two tables in itself, is
 * read once, and no other view.
 */
export function stateSql(base: string, twin: string): string {
  return `WITH named AS MATERIALIZED (
  SELECT *, rolname = current_user AS is_me, rolname = ${nameSql(base)} AS is_base,
    rolname = ${nameSql(twin)} AS is_twin
  FROM pg_roles WHERE rolname IN (current_user, ${nameSql(base)}, ${nameSql(twin)})
), ids AS MATERIALIZED (
  SELECT max(oid) FILTER (WHERE is_me) AS me, max(oid) FILTER (WHERE is_base) AS base,
    max(oid) FILTER (WHERE is_twin) AS twin FROM named
)
SELECT json_build_object(
  'version', current_setting('server_version_num')::int,
  'database', current_database(),
  'twinName', ${nameSql(twin)},
  'me', (SELECT json_build_object('name', rolname, 'super', rolsuper, 'createrole', rolcreaterole)
    FROM named WHERE is_me),
  'roles', (SELECT json_agg(json_build_object(
    'isBase', is_base, 'name', rolname, 'login', rolcanlogin, 'super', rolsuper,
    'administered', pg_has_role(ids.me, oid, 'MEMBER WITH ADMIN OPTION'),
    'attributes', json_build_object(
      'SUPERUSER', rolsuper, 'CREATEDB', rolcreatedb, 'CREATEROLE', rolcreaterole, 'INHERIT', rolinherit,
      'REPLICATION', rolreplication, 'BYPASSRLS', rolbypassrls),
    'connectionLimit', rolconnlimit,
    'validUntil', CASE WHEN isfinite(rolvaliduntil)
      THEN to_char(rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00 BC')
      ELSE coalesce(rolvaliduntil::text, 'infinity') END)) FROM named, ids WHERE is_base OR is_twin),
  'settings', (SELECT json_agg(json_build_object(
    'isBase', s.setrole = ids.base, 'database', ${databaseSql('s.setdatabase')}, 'config', s.setconfig))
    FROM pg_db_role_setting AS s, ids WHERE s.setrole IN (ids.base, ids.twin)),
  'rolesOfDatabases', (SELECT json_agg(json_build_object(
    'database', ${databaseSql('s.setdatabase')}, 'role', substr(entry, 6)))
    FROM pg_db_role_setting AS s, unnest(s.setconfig) AS entry, ids
    WHERE s.setrole = 0 AND starts_with(entry, 'role=')
      AND pg_has_role(ids.base, to_regrole(quote_ident(substr(entry, 6))),
        CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)),
  'memberships', (SELECT json_agg(json_build_object(
    'role', pg_get_userbyid(m.roleid), 'member', pg_get_userbyid(m.member), 'grantor', pg_get_userbyid(m.grantor),
    'roleIs', CASE m.roleid WHEN ids.base THEN 'base' WHEN ids.twin THEN 'twin' ELSE 'other' END,
    'memberIs', CASE m.member WHEN ids.base THEN 'base' ELSE 'twin' END,
    'grantorIsTwin', m.grantor = ids.twin,
    'admin', m.admin_option,
    'inherit', coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true),
    'set', coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)))
    FROM pg_auth_members AS m, ids WHERE m.member IN (ids.base, ids.twin)),
  'iamMembers', (SELECT json_agg(pg_get_userbyid(m.member))
    FROM pg_auth_members AS m, named AS n
    WHERE m.roleid = to_regrole('rds_iam') AND (n.is_base OR n.is_twin) AND NOT n.rolsuper
      AND pg_has_role(n.oid, m.member, 'MEMBER')),
  'ownEntries', (SELECT json_agg(json_build_object(
    'database', datname, 'here', coalesce(datname = current_database(), true), 'count', n)) FROM (
    SELECT ${databaseSql('s.dbid')} AS datname, count(*) AS n FROM pg_shdepend AS s, ids
    WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = ids.twin AND s.deptype IN ('o', 'a', 'r')
    GROUP BY 1) AS e)
) AS state`;
}
