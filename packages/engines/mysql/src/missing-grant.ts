import type { MysqlConnection } from './connection.ts';
import { account, identifier } from './quoting.ts';
import { serverVersion } from './server-version.ts';

/** What this engine asks of every master, by right and place. */
const masterRights: readonly (readonly [right: string, on: string])[] = [
  ['CREATE USER', '*.*'],
  ['SELECT', 'mysql.*'],
];

/** The account of the connection, as GRANT names it. */
export async function ownName(connection: MysqlConnection): Promise<string> {
  const [row] = await connection.query('SELECT CURRENT_USER() AS name');
  const name = String(row?.name ?? connection.where.user);
  const at = name.lastIndexOf('@');
  return at === -1 ? identifier(name) : account(name.slice(0, at), name.slice(at + 1));
}

/** The remedy for a master that lacks what this engine asks of every master. */
export async function missingGrant(connection: MysqlConnection): Promise<string> {
  const name = await ownName(connection);
  const version = await serverVersion(connection);
  // SET PASSWORD FOR, which changes a password there.
  const rights = version.atLeast('5.7.6')
    ? masterRights
    : masterRights.map(([right, on]) => [on === 'mysql.*' ? `${right}, UPDATE` : right, on] as const);
  const grants = rights.map(([right, on]) => `GRANT ${right} ON ${on} TO ${name};`);
  return `Run as an administrator: ${grants.join(' ')} A user with the privilege SYSTEM_USER needs a master that has it, too.`;
}
