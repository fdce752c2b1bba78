import type pg from 'pg';

/**
 * What somebody who logs in as this user to the connection's database may do, sorted, one a line: what the server's
 * own privilege functions say for the role that the login acts as, and the attributes and settings of the login.
 * The user, and the role that it acts as, are `<user>`.
 */
export async function rightsOf(superuser: pg.Client, username: string): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ line: string }>(sql, [username]);
  return rows.map(({ line }) => line);
}

const privileges = (kind: string, names: readonly string[]) => names.map((name) => `('${kind}', '${name}')`).join(', ');

/** The manual's order of precedence, chapter ALTER DATABASE and ALTER ROLE: user in database, user, database, all. */
const sql = `WITH RECURSIVE login AS (SELECT * FROM pg_roles WHERE rolname = $1),
told AS (
  SELECT substr(entry, 6) AS role FROM pg_db_role_setting, unnest(setconfig) AS entry
  WHERE starts_with(entry, 'role=') AND setrole IN (0, (SELECT oid FROM login))
    AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  ORDER BY setrole = 0, setdatabase = 0 LIMIT 1
), actor AS (
  SELECT * FROM pg_roles WHERE rolname = coalesce((SELECT nullif(role, 'none') FROM told), $1)
), groups (oid) AS (
  SELECT m.roleid FROM pg_auth_members AS m WHERE m.member = (SELECT oid FROM login)
  UNION SELECT m.roleid FROM pg_auth_members AS m JOIN groups AS g ON m.member = g.oid
), checks (kind, privilege) AS (VALUES
  ${privileges('table', ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])},
  ${privileges('column', ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'])},
  ${privileges('sequence', ['USAGE', 'SELECT', 'UPDATE'])},
  ${privileges('schema', ['USAGE', 'CREATE'])},
  ${privileges('database', ['CONNECT', 'CREATE', 'TEMPORARY'])}
), options (text, suffix) AS (VALUES ('', ''), (' WITH GRANT OPTION', ' WITH GRANT OPTION')),
spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'),
relations AS MATERIALIZED (
  SELECT c.oid, c.relkind, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_class AS c JOIN spaces AS n ON n.oid = c.relnamespace, actor WHERE c.relkind IN ('r', 'v', 'm', 'S', 'f', 'p')
    AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege(actor.oid, c.oid, 'USAGE, SELECT, UPDATE') ELSE
      has_table_privilege(actor.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
      OR has_any_column_privilege(actor.oid, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END
)
SELECT line FROM (
  SELECT format('%s: %s', who, to_jsonb(r) - '{oid,rolname,rolpassword,rolconfig}'::text[]) AS line
  FROM (SELECT 'logs in with' AS who, * FROM login UNION ALL SELECT 'acts with', * FROM actor) AS r (who)
  UNION ALL
  SELECT format('set: %s%s', entry, ' in ' || quote_ident(d.datname))
  FROM pg_db_role_setting AS s LEFT JOIN pg_database AS d ON d.oid = s.setdatabase, unnest(s.setconfig) AS entry
  WHERE s.setrole = (SELECT oid FROM login) AND NOT starts_with(entry, 'role=')
  UNION ALL
  SELECT format('%s ON TABLE %s', privilege || suffix, name) FROM relations, actor, checks, options
  WHERE relkind <> 'S' AND kind = 'table' AND has_table_privilege(actor.oid, relations.oid, privilege || text)
  UNION ALL
  SELECT format('%s ON SEQUENCE %s', privilege || suffix, name) FROM relations, actor, checks, options
  WHERE relkind = 'S' AND kind = 'sequence'
    AND CASE WHEN relkind = 'S' THEN has_sequence_privilege(actor.oid, relations.oid, privilege || text) END
  UNION ALL
  SELECT format('%s (%I) ON TABLE %s', privilege || suffix, a.attname, name)
  FROM relations JOIN pg_attribute AS a ON a.attrelid = relations.oid AND a.attacl IS NOT NULL, actor, checks, options
  WHERE kind = 'column' AND has_column_privilege(actor.oid, relations.oid, a.attnum, privilege || text)
  UNION ALL
  SELECT format('EXECUTE%s ON %s', suffix, p.oid::regprocedure) FROM pg_proc AS p JOIN spaces AS n ON n.oid = p.pronamespace,
    actor, options WHERE has_function_privilege(actor.oid, p.oid, 'EXECUTE' || text)
  UNION ALL
  SELECT format('USAGE%s ON TYPE %s', suffix, t.oid::regtype) FROM pg_type AS t JOIN spaces AS n ON n.oid = t.typnamespace,
    actor, options WHERE t.typrelid = 0 AND t.typelem = 0 AND has_type_privilege(actor.oid, t.oid, 'USAGE' || text)
  UNION ALL
  SELECT format('%s ON SCHEMA %I', privilege || suffix, nspname) FROM spaces, actor, checks, options
  WHERE kind = 'schema' AND has_schema_privilege(actor.oid, spaces.oid, privilege || text)
  UNION ALL
  SELECT format('%s ON DATABASE %I', privilege || suffix, datname) FROM pg_database AS d, actor, checks, options
  WHERE kind = 'database' AND has_database_privilege(actor.oid, d.oid, privilege || text)
  UNION ALL
  SELECT format('owns %s %s', i.type, i.identity)
  FROM pg_shdepend AS s, actor, pg_identify_object(s.classid, s.objid, 0) AS i
  WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = actor.oid AND s.deptype = 'o'
    AND s.classid <> 'pg_default_acl'::regclass AND s.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  UNION ALL
  SELECT format('belongs to %I', r.rolname) FROM groups JOIN pg_roles AS r ON r.oid = groups.oid, actor WHERE r.oid <> actor.oid
  UNION ALL
  SELECT format('administers %I', r.rolname) FROM groups JOIN pg_roles AS r ON r.oid = groups.oid, actor
  WHERE r.oid <> actor.oid AND pg_has_role(actor.oid, r.oid, 'MEMBER WITH ADMIN OPTION')
  UNION ALL
  SELECT format('gives %s ON new %s%s to %s', x.privilege_type, a.defaclobjtype, ' in ' || n.nspname,
    CASE x.grantee WHEN actor.oid THEN '<user>' WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee)::text END)
  FROM pg_default_acl AS a LEFT JOIN pg_namespace AS n ON n.oid = a.defaclnamespace, actor, aclexplode(a.defaclacl) AS x
  WHERE a.defaclrole = actor.oid
  UNION ALL
  SELECT format('named by policy %I on %s', p.polname, p.polrelid::regclass) FROM pg_policy AS p, actor
  WHERE actor.oid = ANY (p.polroles)
  UNION ALL
  -- What the login holds, and the role that it acts as does not.
  SELECT format('of its own: %s %s', s.deptype, pg_describe_object(s.classid, s.objid, s.objsubid))
  FROM pg_shdepend AS s, login, actor
  WHERE login.oid <> actor.oid AND s.refclassid = 'pg_authid'::regclass AND s.refobjid = login.oid
    AND s.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
) AS lines ORDER BY line COLLATE "C"`;
