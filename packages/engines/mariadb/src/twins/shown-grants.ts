import type { MariadbConnection, Row } from '../connection.ts';
import { account } from '../quoting.ts';
import type { Grantee } from './grant-statements.ts';
import type { Grant } from './rights.ts';
import { accountKey } from './stored-account.ts';

/** What the server says of accounts where its tables do not say what holds. */
export class ShownGrants {
  readonly #lines: ReadonlyMap<string, readonly string[]>;

  constructor(lines: ReadonlyMap<string, readonly string[]>) {
    this.#lines = lines;
  }

  /**
   * Whether the account of this row of `mysql.proxies_priv` may pass the right on. The column With_grant does
   * not say it: a second GRANT PROXY changes what holds until the server is restarted, and not the column.
   */
  passesProxyOn(row: Row): boolean {
    const proxied = account(String(row.Proxied_user), String(row.Proxied_host));
    const name = account(String(row.User), String(row.Host));
    const said = this.#lines.get(accountKey(row.User, row.Host)) ?? [];
    const line = `GRANT PROXY ON ${proxied} TO ${name}`;
    if (said.includes(`${line} WITH GRANT OPTION`)) return true;
    return !said.includes(line) && Number(row.With_grant) === 1;
  }

  /** The account's rights in routines. */
  routines({ username, host }: Grantee): readonly Grant[] {
    const name = account(username, host);
    return (this.#lines.get(accountKey(username, host)) ?? []).flatMap((line) => {
      const match = routineGrant.exec(line);
      const [, list = '', kind = '', database = '', routine = '', rest = ''] = match ?? [];
      const option = rest === `${name} WITH GRANT OPTION`;
      if (match === null || (rest !== name && !option)) return [];
      const privileges = list.split(', ').filter((privilege) => privilege !== 'USAGE');
      return [
        {
          scope: { level: 'routine', kind, database: plain(database), routine: plain(routine) },
          privileges: new Set([...privileges, ...(option ? ['GRANT OPTION'] : [])]),
        },
      ];
    });
  }
}

/** Names stand in backticks, whatever they hold; the words before them are the server's. */
const routineGrant =
  /^GRANT ([A-Z ,]+) ON (FUNCTION|PROCEDURE|PACKAGE BODY|PACKAGE) `((?:[^`]|``)*)`\.`((?:[^`]|``)*)` TO ([\s\S]*)$/;

function plain(quotedName: string): string {
  return quotedName.replaceAll('``', '`');
}

/**
 * Whether the rows of `mysql.procs_priv` for the account can be relied on: the server stores a name with
 * other than ASCII characters there in a garbled form, and goes by its memory.
 */
export function hasPlainNames(grantee: Grantee, routines: readonly Row[]): boolean {
  const names = routines.flatMap((row) => [String(row.Db), String(row.Routine_name)]);
  return [grantee.username, grantee.host, ...names].every((name) => /^[\x20-\x7e]*$/.test(name));
}

/** Asks the server about these accounts, all in one request; none where there are none. */
export async function showGrants(connection: MariadbConnection, grantees: readonly Grantee[]): Promise<ShownGrants> {
  if (grantees.length === 0) return new ShownGrants(new Map());
  const results = await connection.queryAll(
    [
      'BEGIN NOT ATOMIC',
      'SET SESSION sql_quote_show_create = 1;',
      ...grantees.map(({ username, host }) => `SHOW GRANTS FOR ${account(username, host)};`),
      'END',
    ].join('\n'),
  );
  return new ShownGrants(
    new Map(
      grantees.map(({ username, host }, index) => [
        accountKey(username, host),
        (results[index] ?? []).map((row) => String(Object.values(row)[0])),
      ]),
    ),
  );
}
