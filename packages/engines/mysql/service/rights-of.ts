import { hostsOf, type RunStatements } from './accounts.ts';
import { account } from './quoting.ts';

/**
 * Everything that the server itself says of the user's accounts, without its name and its password, sorted:
 * SHOW GRANTS and SHOW CREATE USER, where the engine reads the tables.
 */
export async function rightsOf(run: RunStatements, username: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const host of await hostsOf(run, username)) {
    const name = account(username, host);
    const said = [...(await run(`SHOW GRANTS FOR ${name}`)), ...(await run(`SHOW CREATE USER ${name}`))];
    for (const row of said) {
      // Before 8.0 names stand in other quotes.
      const line = String(Object.values(row)[0])
        .replaceAll(name, account('<user>', host))
        .replaceAll(`'${username}'@'${host}'`, account('<user>', host));
      const method = /(IDENTIFIED WITH '(?:mysql_native|caching_sha2|sha256)_password') AS '(?:''|[^'])*'/;
      lines.push(columnsInOrder(line.replace(method, '$1 AS HASH')));
    }
  }
  return lines.sort();
}

/** A server lists the columns of a right in an order of its own. */
export function columnsInOrder(line: string): string {
  return line.replace(/\(([^()]*)\)/g, (_all, list: string) => `(${list.split(', ').sort().join(', ')})`);
}
