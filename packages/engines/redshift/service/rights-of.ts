/**
 * What somebody who logs in as this user may do, sorted, one a line: what the privilege functions of the PostgreSQL
 * below say, and what is kept beside it. No view is read that the engine reads. The user itself is `<user>`.
 */
export const rightsSql: string = `WITH me AS (SELECT * FROM pg_authid WHERE rolname = $1),
spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|redshift_model$)'),
relations AS (SELECT c.oid, c.relname, c.relowner, n.nspname FROM pg_class AS c JOIN spaces AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v')),
routines AS MATERIALIZED (SELECT p.oid FROM pg_proc AS p JOIN spaces ON spaces.oid = p.pronamespace),
options (text) AS (VALUES (''), (' WITH GRANT OPTION'))
SELECT line FROM (
  SELECT format('is %s', to_jsonb(me) - '{oid,rolname,rolpassword}'::text[] || jsonb_build_object('rolvaliduntil', nullif(rolvaliduntil, 'infinity'))) AS line FROM me
  UNION ALL
  SELECT format('is set to %s', entry) FROM me, pg_db_role_setting AS s, unnest(s.setconfig) AS entry
  WHERE s.setrole = me.oid AND NOT starts_with(entry, 'redshift_model.digest')
  UNION ALL
  SELECT format('belongs to %s%s', r.rolname, CASE WHEN m.admin_option THEN ' with admin option' END)
  FROM me, pg_auth_members AS m JOIN pg_authid AS r ON r.oid = m.roleid WHERE m.member = me.oid
  UNION ALL
  SELECT format('%s ON %I.%I', p || o.text, nspname, relname)
  FROM me, relations, options AS o, unnest('{SELECT,INSERT,UPDATE,DELETE,REFERENCES,TRUNCATE}'::text[]) AS p
  WHERE has_table_privilege(me.oid, relations.oid, p || o.text)
  UNION ALL
  SELECT format('%s (%s) ON %I.%I', p, a.attname, nspname, relname)
  FROM me, relations JOIN pg_attribute AS a ON a.attrelid = relations.oid AND a.attnum > 0, unnest('{SELECT,UPDATE}'::text[]) AS p
  WHERE has_column_privilege(me.oid, relations.oid, a.attnum, p)
  UNION ALL
  SELECT format('%s ON SCHEMA %I', p || o.text, nspname) FROM me, spaces, options AS o, unnest('{CREATE,USAGE}'::text[]) AS p
  WHERE has_schema_privilege(me.oid, spaces.oid, p || o.text)
  UNION ALL
  SELECT format('%s ON DATABASE %I', p || o.text, datname) FROM me, pg_database AS d, options AS o, unnest('{CREATE,TEMP}'::text[]) AS p
  WHERE has_database_privilege(me.oid, d.oid, p || o.text)
  UNION ALL
  SELECT format('EXECUTE%s ON %s', o.text, p.oid::regprocedure) FROM me, options AS o, routines AS p
  WHERE has_function_privilege(me.oid, p.oid, 'EXECUTE' || o.text)
  UNION ALL
  SELECT format('USAGE%s ON LANGUAGE %s', o.text, lanname) FROM me, pg_language AS l, options AS o
  WHERE l.lanpltrusted AND has_language_privilege(me.oid, l.oid, 'USAGE' || o.text)
  UNION ALL
  SELECT format('%s %s ON %s', privilege, CASE WHEN option THEN 'WITH GRANT OPTION' END, kind || object::text)
  FROM me, redshift_model.grants AS g WHERE g.grantee = me.oid
  UNION ALL
  SELECT format('new %s%s: %s', a.defaclobjtype, ' in ' || n.nspname, string_agg(x::text, ', ' ORDER BY x::text))
  FROM me, pg_default_acl AS a LEFT JOIN pg_namespace AS n ON n.oid = a.defaclnamespace, aclexplode(a.defaclacl) AS e,
    LATERAL (SELECT format('%s to %s%s', e.privilege_type, CASE e.grantee WHEN me.oid THEN '<user>' WHEN 0 THEN 'PUBLIC'
      ELSE (SELECT rolname::text FROM pg_authid WHERE oid = e.grantee) END, CASE WHEN e.is_grantable THEN ' with grant option' END)) AS x
  WHERE a.defaclrole = me.oid GROUP BY a.defaclobjtype, n.nspname
  UNION ALL
  SELECT format('gets %s%s on new %s of %s%s', e.privilege_type, CASE WHEN e.is_grantable THEN ' with grant option' END,
    a.defaclobjtype, (SELECT rolname FROM pg_authid WHERE oid = a.defaclrole), ' in ' || n.nspname)
  FROM me, pg_default_acl AS a LEFT JOIN pg_namespace AS n ON n.oid = a.defaclnamespace, aclexplode(a.defaclacl) AS e
  WHERE e.grantee = me.oid AND a.defaclrole <> me.oid
  UNION ALL
  SELECT format('owns %I.%I', nspname, relname) FROM me, relations WHERE relowner = me.oid
) AS lines GROUP BY line ORDER BY line COLLATE "C"`;
