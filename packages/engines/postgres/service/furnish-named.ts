import pg from 'pg';

/** How many things {@link namedThings} gives rights on. */
export const namedThingCount = 6;

/**
 * Statements, for a superuser, that make things of this name, whatever it holds, and give a user rights on them: a
 * schema, a table with a column, a function, a type and a role; and a setting that holds it.
 * @param number makes what must not have the name unlike that of other calls
 */
export function namedThings(login: string, administrator: string, name: string, number: number): readonly string[] {
  const [user, master, named] = [login, administrator, name].map((each) => pg.escapeIdentifier(each));
  const owner = `"named owner ${number}"`;
  // Schemas and roles of these names are there already, or cannot be.
  const reserved = /^(public|none|pg_.*)$/.test(name);
  const schema = reserved ? `"named ${number}"` : named;
  const group = reserved ? `"named group ${number}"` : named;
  const types = `"named types ${number}"`;
  return [
    `CREATE ROLE ${owner} NOLOGIN`,
    `CREATE ROLE ${group} NOLOGIN`,
    `GRANT ${owner}, ${group} TO ${master} WITH ADMIN OPTION`,
    `CREATE SCHEMA ${schema} AUTHORIZATION ${owner}`,
    `CREATE SCHEMA ${types} AUTHORIZATION ${owner}`,
    `SET ROLE ${owner}`,
    `CREATE TABLE ${schema}.${named} (${named} int)`,
    // A table is a type too: this one is elsewhere.
    `CREATE TYPE ${types}.${named} AS ENUM ('x')`,
    `CREATE FUNCTION ${schema}.${named}(${named} int) RETURNS int LANGUAGE sql AS 'SELECT 1'`,
    `REVOKE EXECUTE ON FUNCTION ${schema}.${named} FROM PUBLIC`,
    `REVOKE USAGE ON TYPE ${types}.${named} FROM PUBLIC`,
    `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${user} WITH GRANT OPTION`,
    `GRANT USAGE ON SCHEMA ${types} TO ${user}`,
    `GRANT SELECT, UPDATE (${named}) ON ${schema}.${named} TO ${user}`,
    `GRANT EXECUTE ON FUNCTION ${schema}.${named} TO ${user}`,
    `GRANT USAGE ON TYPE ${types}.${named} TO ${user}`,
    'RESET ROLE',
    // From 16 on, an administrator can revoke the memberships that it has granted itself.
    `SET ROLE ${master}`,
    `GRANT ${group} TO ${user}`,
    'RESET ROLE',
    `ALTER ROLE ${user} SET search_path = ${schema}, public`,
    `ALTER ROLE ${user} SET application_name = ${pg.escapeLiteral(name)}`,
  ];
}
