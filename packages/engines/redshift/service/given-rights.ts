/** Runs statements with every right, in Redshift's grammar; returns the rows of the last. */
export type Run = (...statements: readonly string[]) => Promise<Record<string, unknown>[]>;

/** What users of a cluster of somebody's own are given rights in; all of it has names of the tests' own. */
export interface Room {
  readonly schema: string;
  readonly readers: string;
  readonly writers: string;
}

/** A name as an identifier; written again here, so that a fault in the engine's own does not go unseen. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Text as a constant, in which a backslash escapes. */
function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

export function makeRoom(run: Run, { schema, readers, writers }: Room): Promise<unknown> {
  return run(
    `CREATE SCHEMA ${schema}`,
    `CREATE TABLE ${schema}.orders (id int)`,
    `CREATE GROUP ${readers}`,
    `CREATE GROUP ${writers}`,
  );
}

/** Takes the room away, and with it every right in it. */
export function leaveRoom(run: Run, { schema, readers, writers }: Room): Promise<unknown> {
  return run(`DROP TABLE ${schema}.orders`, `DROP SCHEMA ${schema}`, `DROP GROUP ${readers}`, `DROP GROUP ${writers}`);
}

/** Attributes, settings, groups and rights; every other time, others. */
export async function furnish(
  run: Run,
  { schema, readers, writers }: Room,
  username: string,
  round: number,
): Promise<void> {
  const user = identifier(username);
  if (round % 2 === 1) {
    await run(
      `ALTER USER ${user} NOCREATEDB CONNECTION LIMIT UNLIMITED RESET SESSION TIMEOUT`,
      `ALTER USER ${user} SET statement_timeout TO 60000`,
      `ALTER USER ${user} RESET search_path`,
      `ALTER GROUP ${readers} DROP USER ${user}`,
      `ALTER GROUP ${writers} ADD USER ${user}`,
      `REVOKE CREATE ON SCHEMA ${schema} FROM ${user}`,
      `REVOKE INSERT ON ${schema}.orders FROM ${user}`,
      `GRANT UPDATE, DELETE ON ${schema}.orders TO ${user} WITH GRANT OPTION`,
    );
    return;
  }
  await run(
    ...(round === 0
      ? []
      : [
          `ALTER USER ${user} RESET statement_timeout`,
          `ALTER GROUP ${writers} DROP USER ${user}`,
          `REVOKE UPDATE, DELETE ON ${schema}.orders FROM ${user}`,
        ]),
    `ALTER USER ${user} CREATEDB CONNECTION LIMIT 21 SESSION TIMEOUT 300`,
    `ALTER USER ${user} SET search_path TO ${schema}, public`,
    `ALTER GROUP ${readers} ADD USER ${user}`,
    `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${user}`,
    `GRANT SELECT, INSERT ON ${schema}.orders TO ${user}`,
  );
}

/**
 * What a user is and may do in the room, by the functions that answer for everybody, where the engine reads the views
 * of grants.
 */
export async function rightsOf(run: Run, { schema }: Room, username: string): Promise<readonly string[]> {
  const name = text(username);
  const [user] = await run(
    `SELECT usecreatedb, usesuper, valuntil, useconfig FROM pg_catalog.pg_user WHERE usename = ${name}`,
  );
  if (user === undefined) return [];
  const limits = await run(
    `SELECT connection_limit, syslog_access, session_timeout FROM pg_catalog.svv_user_info WHERE user_name = ${name}`,
  );
  const groups = await run(
    `SELECT g.groname FROM pg_catalog.pg_group AS g, pg_catalog.pg_user AS u WHERE u.usesysid = ANY (g.grolist) AND u.usename = ${name}`,
  );
  const options = ['', ' WITH GRANT OPTION'];
  const asked = [
    ...['USAGE', 'CREATE'].flatMap((one) =>
      options.map((option) => [
        `${one}${option} on the schema`,
        `has_schema_privilege(${name}, ${text(schema)}, '${one}${option}')`,
      ]),
    ),
    ...['SELECT', 'INSERT', 'UPDATE', 'DELETE'].flatMap((one) =>
      options.map((option) => [
        `${one}${option} on the table`,
        `has_table_privilege(${name}, ${text(`${schema}.orders`)}, '${one}${option}')`,
      ]),
    ),
  ];
  const [may = {}] = await run(`SELECT ${asked.map(([, call], i) => `${call} AS may_${i}`).join(', ')}`);
  return [
    ...[user, ...limits].map((row) => `is ${JSON.stringify(Object.values(row))}`),
    ...groups.map(({ groname }) => `belongs to ${groname}`),
    ...asked.flatMap(([what], i) => (may[`may_${i}`] === true ? [`may ${what}`] : [])),
  ].sort();
}
