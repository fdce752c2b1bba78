import { createHash } from 'node:crypto';
import pg from 'pg';

/** Whom the furniture is for. */
export interface Furnished {
  /** The user that is given to and taken from. */
  readonly user: string;
  /** Of the two users, the one without the suffix: what both share is named after it. */
  readonly base: string;
  /** Counts the calls for this base, from 0. */
  readonly round: number;
}

/** Statements of PostgreSQL's for the first round: procedures and functions, which the front does not take. */
export function routines(base: string): readonly string[] {
  const schema = schemaOf(base);
  return [
    `CREATE FUNCTION ${schema}.price(amount numeric, tag varchar) RETURNS numeric LANGUAGE sql AS 'SELECT amount'`,
    `CREATE FUNCTION ${schema}.price(amount int) RETURNS int LANGUAGE sql AS 'SELECT amount'`,
    `CREATE PROCEDURE ${schema}.settle(amount numeric) LANGUAGE plpgsql AS 'BEGIN NULL; END'`,
    `REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} FROM PUBLIC`,
    `REVOKE EXECUTE ON ALL PROCEDURES IN SCHEMA ${schema} FROM PUBLIC`,
  ];
}

/** Statements in Redshift's grammar that make what rights are on. */
export function things(base: string): readonly string[] {
  const { schema, readers, writers, auditor, maker, share } = room(base);
  return [
    `CREATE SCHEMA ${schema}`,
    `CREATE TABLE ${schema}."the orders" (id int, "what's due" numeric, note varchar)`,
    `CREATE TABLE ${schema}.bills (id int, paid int)`,
    `CREATE VIEW ${schema}.due AS SELECT id FROM ${schema}.bills`,
    `CREATE GROUP ${readers}`,
    `CREATE GROUP ${writers}`,
    `CREATE ROLE ${auditor}`,
    `CREATE USER ${maker} PASSWORD DISABLE`,
    `CREATE DATASHARE ${share}`,
    `GRANT SELECT ON ${schema}.bills TO GROUP ${readers}`,
    `GRANT SELECT ON ${schema}.bills TO ROLE ${auditor}`,
  ];
}

/** Statements in Redshift's grammar that give rights of every kind that a twin must get, too; each round takes some and gives others. */
export function furnishings({ user, base, round }: Furnished): readonly string[] {
  const names = { ...room(base), user: pg.escapeIdentifier(user) };
  return round % 2 === 0 ? first(names) : second(names);
}

/** Statements in Redshift's grammar that give a user rights on things of one name: six of them. */
export function furnishingsNamed(username: string, name: string): readonly string[] {
  const [user, thing] = [pg.escapeIdentifier(username), pg.escapeIdentifier(name)];
  const schema = name.startsWith('pg_') ? 'public' : thing;
  return [
    'SET enable_case_sensitive_identifier TO true',
    // One there is already, and some are the server's own.
    ...(name === 'public' || schema === 'public' ? [] : [`CREATE SCHEMA ${schema}`]),
    `CREATE TABLE ${schema}.${thing} (${thing} int)`,
    `CREATE GROUP ${thing}`,
    `CREATE ROLE ${thing}`,
    `CREATE DATASHARE ${thing}`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${user}`,
    `GRANT SELECT, DROP ON ${schema}.${thing} TO ${user}`,
    `GRANT UPDATE (${thing}) ON ${schema}.${thing} TO ${user}`,
    `ALTER GROUP ${thing} ADD USER ${user}`,
    `GRANT ROLE ${thing} TO ${user}`,
    `GRANT ALTER ON DATASHARE ${thing} TO ${user}`,
    `ALTER USER ${user} SET search_path TO ${pg.escapeLiteral(name).replace(/^ E/, '')}`,
  ];
}

interface Room {
  readonly schema: string;
  readonly readers: string;
  readonly writers: string;
  readonly auditor: string;
  readonly maker: string;
  readonly share: string;
  readonly user: string;
}

function schemaOf(base: string): string {
  return `furniture_${createHash('sha256').update(base).digest('hex').slice(0, 12)}`;
}

function room(base: string): Omit<Room, 'user'> {
  // Not the user's name: what the user may do shall read the same for its twin.
  const schema = schemaOf(base);
  const named = (kind: string) => `"${kind} ${schema}"`;
  return {
    schema,
    readers: named('readers'),
    writers: named('writers'),
    auditor: named('auditor'),
    maker: named('maker'),
    share: named('share'),
  };
}

function first({ schema, readers, auditor, maker, share, user }: Room): readonly string[] {
  return [
    `ALTER USER ${user} CREATEDB CONNECTION LIMIT 21 SESSION TIMEOUT 300 SYSLOG ACCESS UNRESTRICTED VALID UNTIL '2098-07-06 05:04:03+02'`,
    `ALTER USER ${user} SET search_path TO ${schema}, 'a "b', public`,
    `ALTER USER ${user} SET query_group TO 'it''s \\\\ priority'`,
    `ALTER GROUP ${readers} ADD USER ${user}`,
    `GRANT ROLE ${auditor} TO ${user} WITH ADMIN OPTION`,
    `GRANT CREATE, TEMP ON DATABASE dev TO ${user}`,
    `GRANT SELECT FOR TABLES IN DATABASE dev TO ${user}`,
    `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${user} WITH GRANT OPTION`,
    `GRANT INSERT FOR TABLES IN SCHEMA ${schema} TO ${user} WITH GRANT OPTION`,
    `GRANT SELECT, INSERT, DROP, ALTER, TRUNCATE ON ${schema}."the orders" TO ${user} WITH GRANT OPTION`,
    `GRANT SELECT (note, "what's due"), UPDATE (id) ON ${schema}."the orders" TO ${user}`,
    `GRANT SELECT ON ${schema}.due TO ${user}`,
    `GRANT EXECUTE ON FUNCTION ${schema}.price(numeric, varchar) TO ${user}`,
    `GRANT EXECUTE ON PROCEDURE ${schema}.settle(numeric) TO ${user} WITH GRANT OPTION`,
    `GRANT USAGE ON LANGUAGE plpgsql TO ${user}`,
    `GRANT ALTER ON DATASHARE ${share} TO ${user}`,
    `GRANT ASSUMEROLE ON 'arn:aws:iam::123456789012:role/load' TO ${user} FOR COPY, EXTERNAL FUNCTION`,
    `GRANT EXECUTE ON MODEL ${schema}.churn TO ${user}`,
    `ALTER DEFAULT PRIVILEGES FOR USER ${user} IN SCHEMA ${schema} GRANT SELECT ON TABLES TO GROUP ${readers}`,
    `ALTER DEFAULT PRIVILEGES FOR USER ${user} GRANT INSERT ON TABLES TO ${maker} WITH GRANT OPTION`,
    `ALTER DEFAULT PRIVILEGES FOR USER ${maker} GRANT SELECT, UPDATE ON TABLES TO ${user}`,
    `ALTER DEFAULT PRIVILEGES FOR USER ${user} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`,
  ];
}

function second({ schema, readers, writers, auditor, maker, share, user }: Room): readonly string[] {
  return [
    `ALTER USER ${user} NOCREATEDB CONNECTION LIMIT UNLIMITED RESET SESSION TIMEOUT SYSLOG ACCESS RESTRICTED VALID UNTIL 'infinity'`,
    `ALTER USER ${user} SET search_path TO public`,
    `ALTER USER ${user} RESET query_group`,
    `ALTER USER ${user} SET statement_timeout TO 60000`,
    `ALTER GROUP ${readers} DROP USER ${user}`,
    `ALTER GROUP ${writers} ADD USER ${user}`,
    `REVOKE ADMIN OPTION FOR ROLE ${auditor} FROM ${user}`,
    `GRANT ROLE sys:monitor TO ${user}`,
    `REVOKE TEMP ON DATABASE dev FROM ${user}`,
    `REVOKE SELECT FOR TABLES IN DATABASE dev FROM ${user}`,
    `REVOKE GRANT OPTION FOR CREATE ON SCHEMA ${schema} FROM ${user}`,
    `REVOKE GRANT OPTION FOR INSERT FOR TABLES IN SCHEMA ${schema} FROM ${user}`,
    `REVOKE INSERT, DROP ON ${schema}."the orders" FROM ${user}`,
    `REVOKE GRANT OPTION FOR SELECT, ALTER ON ${schema}."the orders" FROM ${user}`,
    `REVOKE SELECT (note) ON ${schema}."the orders" FROM ${user}`,
    `GRANT UPDATE, DELETE ON ${schema}.bills TO ${user}`,
    `REVOKE EXECUTE ON PROCEDURE ${schema}.settle(numeric) FROM ${user}`,
    `GRANT EXECUTE ON FUNCTION ${schema}.price(int) TO ${user}`,
    `REVOKE USAGE ON LANGUAGE plpgsql FROM ${user}`,
    `GRANT SHARE ON DATASHARE ${share} TO ${user} WITH GRANT OPTION`,
    `REVOKE ASSUMEROLE ON 'arn:aws:iam::123456789012:role/load' FROM ${user} FOR COPY`,
    `REVOKE EXECUTE ON MODEL ${schema}.churn FROM ${user}`,
    `ALTER DEFAULT PRIVILEGES FOR USER ${user} IN SCHEMA ${schema} REVOKE SELECT ON TABLES FROM GROUP ${readers}`,
    `ALTER DEFAULT PRIVILEGES FOR USER ${user} REVOKE GRANT OPTION FOR INSERT ON TABLES FROM ${maker}`,
    `ALTER DEFAULT PRIVILEGES FOR USER ${maker} REVOKE UPDATE ON TABLES FROM ${user}`,
    `ALTER DEFAULT PRIVILEGES FOR USER ${user} GRANT EXECUTE ON FUNCTIONS TO PUBLIC`,
  ];
}
