import type { MysqlConnection } from './connection.ts';
import { serverVersion } from './server-version.ts';

const settled = new WeakSet<MysqlConnection>();

/**
 * Sets the mode in which statements read the same on every server: a backslash is a backslash, and a double
 * quote no identifier. Once for a connection.
 */
export async function setPlainSqlMode(connection: MysqlConnection): Promise<void> {
  if (settled.has(connection)) return;
  const version = await serverVersion(connection);
  // Without it, a GRANT to an account that somebody drops meanwhile would make one without a password. From
  // 8.0.11 on no GRANT makes an account, and there is no such mode.
  const modes = version.atLeast('8.0.11') ? 'NO_BACKSLASH_ESCAPES' : 'NO_BACKSLASH_ESCAPES,NO_AUTO_CREATE_USER';
  await connection.query(`SET SESSION sql_mode = '${modes}'`);
  settled.add(connection);
}
