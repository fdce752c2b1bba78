import type { MysqlConnection } from '../connection.ts';
import { account } from '../quoting.ts';
import type { Grantee } from './grant-statements.ts';
import type { Grant } from './rights.ts';

/**
 * Whether the rows of `mysql.procs_priv` for the account can be relied on: the server stores a name with other
 * than ASCII characters there in a garbled form, and goes by its memory.
 */
export function hasPlainNames({ username, host }: Grantee, routines: readonly Grant[]): boolean {
  const names = routines.flatMap(({ scope }) => (scope.level === 'routine' ? [scope.database, scope.routine] : []));
  return [username, host, ...names].every((name) => /^[\x20-\x7e]*$/.test(name));
}

/** What the server itself says of an account, where its tables do not say what holds. */
export async function shownGrants(connection: MysqlConnection, grantee: Grantee): Promise<readonly string[]> {
  // Without it names stand there as they are, and nobody can tell where they end.
  await connection.query('SET SESSION sql_quote_show_create = 1');
  const rows = await connection.query(`SHOW GRANTS FOR ${account(grantee.username, grantee.host)}`);
  return rows.map((row) => String(Object.values(row)[0]));
}

/** The account's rights in routines, by the lines of {@link shownGrants}. */
export function shownRoutines(lines: readonly string[]): readonly Grant[] {
  return lines.flatMap(readLine);
}

/**
 * Whether the account may pass its PROXY on. The column With_grant does not say it: a second GRANT PROXY changes
 * what holds until the server is restarted, and not the column.
 * @returns undefined where no line is about it
 */
export function passesProxyOn(lines: readonly string[], proxied: Grantee, grantee: Grantee): boolean | undefined {
  const found = spellings(proxied).flatMap((on) => spellings(grantee).map((to) => `GRANT PROXY ON ${on} TO ${to}`));
  if (found.some((line) => lines.includes(`${line} WITH GRANT OPTION`))) return true;
  return found.some((line) => lines.includes(line)) ? false : undefined;
}

/** As servers from 8.0 on quote an account, and as those before do, which escape nothing. */
function spellings({ username, host }: Grantee): readonly string[] {
  return [account(username, host), `'${username}'@'${host}'`];
}

/** Names stand in backticks, whatever they hold; the words before them are the server's. */
const routineGrant = /^GRANT ([A-Z ,]+) ON (FUNCTION|PROCEDURE) `((?:[^`]|``)*)`\.`((?:[^`]|``)*)` TO ([\s\S]*)$/;

function readLine(line: string): readonly Grant[] {
  const match = routineGrant.exec(line);
  if (match === null) return [];
  const [, list = '', kind = '', database = '', routine = '', rest = ''] = match;
  const all = list.replace('ALL PRIVILEGES', 'EXECUTE, ALTER ROUTINE');
  const privileges = all.split(', ').filter((privilege) => privilege !== 'USAGE');
  // The account before it ends in a quote.
  if (rest.endsWith(' WITH GRANT OPTION')) privileges.push('GRANT OPTION');
  const scope = { level: 'routine', kind, database: plain(database), routine: plain(routine) } as const;
  return [{ scope, privileges: new Set(privileges) }];
}

function plain(quotedName: string): string {
  return quotedName.replaceAll('``', '`');
}
