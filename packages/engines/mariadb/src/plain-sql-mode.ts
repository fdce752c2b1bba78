import type { MariadbConnection } from './connection.ts';

/** Without the second, a GRANT to an account that somebody drops meanwhile would make one without a password. */
const modes = 'NO_BACKSLASH_ESCAPES,NO_AUTO_CREATE_USER';
const settled = new WeakSet<MariadbConnection>();

/** Sets the mode in which statements read the same on every server; once for a connection. */
export async function setPlainSqlMode(connection: MariadbConnection): Promise<void> {
  if (settled.has(connection)) return;
  await connection.query(`SET SESSION sql_mode = '${modes}'`);
  settled.add(connection);
}

/** Runs a statement that only the mode ORACLE knows, and goes back to the plain mode. */
export async function inOracleMode(connection: MariadbConnection, sql: string): Promise<void> {
  settled.delete(connection);
  await connection.query(`SET SESSION sql_mode = 'ORACLE,${modes}'`);
  try {
    await connection.query(sql);
  } finally {
    await setPlainSqlMode(connection);
  }
}
