/** The privileges of a row that has a column for each, as `mysql.db` has: `Select_priv`. In the words of GRANT. */
export function privilegesOfColumns(row: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(row)
    .filter(([column, value]) => column.endsWith('_priv') && value === 'Y')
    .map(([column]) => privilegeOfWord(column.slice(0, -'_priv'.length).replaceAll('_', ' ')));
}

/** The privileges of a column of the type SET: `Select,Show view`. */
export function privilegesOfSet(value: unknown): readonly string[] {
  return String(value ?? '')
    .split(',')
    .filter((word) => word !== '')
    .map(privilegeOfWord);
}

const otherWords: ReadonlyMap<string, string> = new Map([
  ['Grant', 'GRANT OPTION'],
  ['Create tmp table', 'CREATE TEMPORARY TABLES'],
  ['Delete versioning rows', 'DELETE HISTORY'],
  ['Show db', 'SHOW DATABASES'],
  ['Repl slave', 'REPLICATION SLAVE'],
  ['Repl client', 'REPLICATION CLIENT'],
]);

function privilegeOfWord(word: string): string {
  return otherWords.get(word) ?? word.toUpperCase();
}
