import { account, type RunStatements } from './accounts.ts';

/** The longest name of a database, a table, a column or a routine, in characters. */
const longestName = 64;

/**
 * Makes things of this name, whatever it holds, and gives a user rights on them: a database, a table, a column and a
 * procedure. The database's name begins with that of the tests' own, so that the administrator may hand rights on.
 * @returns how many it has made
 */
export async function furnishNamed(
  run: RunStatements,
  database: string,
  username: string,
  name: string,
): Promise<number> {
  const quoted = (text: string) => `\`${fitting(text).replaceAll('`', '``')}\``;
  const [place, named] = [quoted(`${database} ${name}`), quoted(name)];
  const user = account(username, '%');
  // In a grant on a database its name is a pattern; escaped, it is this one only.
  const pattern = `\`${fitting(`${database} ${name}`)
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('`', '``')}\``;
  await run(
    `CREATE DATABASE ${place}`,
    `CREATE TABLE ${place}.${named} (${named} INT)`,
    `CREATE PROCEDURE ${place}.${named}() SELECT 1`,
    `GRANT SELECT, INSERT ON ${pattern}.* TO ${user} WITH GRANT OPTION`,
    `GRANT DELETE, UPDATE (${named}) ON ${place}.${named} TO ${user}`,
    `GRANT EXECUTE ON PROCEDURE ${place}.${named} TO ${user}`,
  );
  return 4;
}

/** The server's names are utf8mb3, and end in no space or line break. */
function fitting(text: string): string {
  return [...text.replace(/[\u{10000}-\u{10ffff}]/gu, 'x')].slice(0, longestName).join('').replace(/\s+$/, '');
}
