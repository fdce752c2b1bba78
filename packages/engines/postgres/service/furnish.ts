import { createHash } from 'node:crypto';
import pg from 'pg';

/** Whom the furniture is for. */
export interface Furnished {
  /** The user that logs in: what is granted is granted to it, and what is made is its own. */
  readonly login: string;
  /** The user whose attributes and settings count, and that has what was granted before: the login, or the base whose twin it is. */
  readonly base: string;
  readonly administrator: string;
  readonly database: string;
  /** Counts the calls for this base, from 0. */
  readonly round: number;
}

/**
 * Statements, for a superuser in the database of the tests, that give a user rights, roles, settings and attributes
 * of every kind that a CREATEROLE administrator can give a twin, or move from it. Each round takes some of those of
 * the one before.
 */
export function furnishings({ login, base, administrator, database, round }: Furnished): readonly string[] {
  // Not the user's name: what the user may do shall read the same for its twin.
  const key = keyOf(base);
  const [owner, reads, writes] = rolesOf(base);
  const room: Room = {
    schema: `furniture_${key}`,
    owner,
    reads,
    writes,
    database,
    user: pg.escapeIdentifier(login),
    base: pg.escapeIdentifier(base),
    // From 16 on, an administrator can revoke the memberships that it has granted itself.
    asAdministrator: (sql) => `SET ROLE ${pg.escapeIdentifier(administrator)}; ${sql}; RESET ROLE`,
  };
  return [
    ...(round === 0 ? things(room, administrator) : []),
    ...(round % 2 === 0 ? first(room) : second(room)),
    // Each round leaves something of its own.
    `CREATE TABLE ${room.schema}.made_${round} (a int)`,
    `ALTER TABLE ${room.schema}.made_${round} OWNER TO ${room.user}`,
    `CREATE POLICY bills_${round} ON ${room.schema}.bills TO ${room.user} USING (paid)`,
  ];
}

/** The roles that a base's furniture comes with, as SQL: the owner of its things, and two groups. */
export function rolesOf(base: string): readonly [owner: string, reads: string, writes: string] {
  const key = keyOf(base);
  return [`"owner ${key}"`, `"reads ${key}"`, `"writes ${key}"`];
}

function keyOf(base: string): string {
  return createHash('sha256').update(base).digest('hex').slice(0, 12);
}

/** Names, as SQL. */
interface Room {
  readonly database: string;
  readonly schema: string;
  readonly owner: string;
  readonly reads: string;
  readonly writes: string;
  readonly user: string;
  readonly base: string;
  readonly asAdministrator: (sql: string) => string;
}

function things({ schema, owner, reads, writes, user }: Room, administrator: string): readonly string[] {
  const roles = [owner, reads, writes];
  return [
    ...roles.map((role) => `CREATE ROLE ${role} NOLOGIN`),
    ...roles.map((role) => `GRANT ${role} TO ${pg.escapeIdentifier(administrator)} WITH ADMIN OPTION`),
    `CREATE SCHEMA ${schema} AUTHORIZATION ${owner}`,
    `SET ROLE ${owner}`,
    `CREATE TABLE ${schema}."the orders" (id int, "what's due" numeric, note text)`,
    `CREATE TABLE ${schema}.bills (id int, paid boolean)`,
    `CREATE SEQUENCE ${schema}.numbers`,
    `CREATE TYPE ${schema}.mood AS ENUM ('fine', 'poor')`,
    `CREATE FUNCTION ${schema}.price(amount numeric, tags text[]) RETURNS numeric LANGUAGE sql AS 'SELECT amount'`,
    `REVOKE USAGE ON TYPE ${schema}.mood FROM PUBLIC`,
    `REVOKE EXECUTE ON FUNCTION ${schema}.price FROM PUBLIC`,
    `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${user}`,
    `ALTER TABLE ${schema}.bills ENABLE ROW LEVEL SECURITY`,
    'RESET ROLE',
  ];
}

function first({ schema, database, reads, writes, user, base, asAdministrator }: Room): readonly string[] {
  return [
    `ALTER ROLE ${base} CREATEROLE CONNECTION LIMIT 21 VALID UNTIL '2098-07-06 05:04:03+02'`,
    `ALTER ROLE ${base} SET search_path = ${schema}, 'a "b', public`,
    `ALTER ROLE ${base} SET lock_timeout = '1min'`,
    `ALTER ROLE ${base} IN DATABASE ${database} SET work_mem = '5MB'`,
    `ALTER ROLE ${base} IN DATABASE ${database} RESET DateStyle`,
    `GRANT SELECT, INSERT ON ${schema}."the orders" TO ${user} WITH GRANT OPTION`,
    `GRANT UPDATE (note, "what's due") ON ${schema}."the orders" TO ${user}`,
    `GRANT SELECT ON ${schema}.bills TO ${user}`,
    `GRANT USAGE, SELECT ON SEQUENCE ${schema}.numbers TO ${user}`,
    `GRANT EXECUTE ON FUNCTION ${schema}.price TO ${user}`,
    `GRANT USAGE ON TYPE ${schema}.mood TO ${user}`,
    asAdministrator(`GRANT ${reads} TO ${user}`),
    asAdministrator(`REVOKE ${writes} FROM ${base}`),
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${base} IN SCHEMA ${schema} GRANT SELECT ON TABLES TO ${reads}`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${base} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`,
  ];
}

function second({ schema, database, reads, writes, user, base, asAdministrator }: Room): readonly string[] {
  return [
    `ALTER ROLE ${base} NOCREATEROLE CONNECTION LIMIT 34 VALID UNTIL 'infinity'`,
    `ALTER ROLE ${base} SET search_path = "$user", ${schema}`,
    `ALTER ROLE ${base} RESET lock_timeout`,
    `ALTER ROLE ${base} SET idle_in_transaction_session_timeout = 60000`,
    `ALTER ROLE ${base} IN DATABASE ${database} SET DateStyle = 'SQL, DMY'`,
    `REVOKE INSERT ON ${schema}."the orders" FROM ${base}`,
    `REVOKE GRANT OPTION FOR SELECT ON ${schema}."the orders" FROM ${base}`,
    `REVOKE UPDATE (note) ON ${schema}."the orders" FROM ${base}`,
    `GRANT DELETE ON ${schema}.bills TO ${user}`,
    `REVOKE USAGE ON SEQUENCE ${schema}.numbers FROM ${base}`,
    `REVOKE EXECUTE ON FUNCTION ${schema}.price FROM ${base}`,
    asAdministrator(`GRANT ${writes} TO ${user} WITH ADMIN OPTION`),
    asAdministrator(`REVOKE ${reads} FROM ${base}`),
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${base} IN SCHEMA ${schema} REVOKE SELECT ON TABLES FROM ${reads}`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${user} IN SCHEMA ${schema} GRANT USAGE ON SEQUENCES TO ${writes}`,
  ];
}

/** The role that each of a user's logins acts as: itself, or the base whose twin it is. */
export const baseOfSql = `SELECT coalesce((SELECT substr(entry, 6) FROM pg_db_role_setting, unnest(setconfig) AS entry
  WHERE setrole = to_regrole($1) AND setdatabase = 0 AND starts_with(entry, 'role=')), $2) AS base`;
