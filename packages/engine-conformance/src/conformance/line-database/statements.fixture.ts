import { Refusal } from './line-users.fixture.ts';

/** Words, and whether they were quoted. */
export type Statement = readonly string[];

/**
 * Reads statements: words between spaces, `;` between statements, `--` before a comment; a name stands between
 * single quotes, in which one is written twice. Double quotes, backticks and brackets may stand around a name too.
 * @throws Refusal
 */
export function parseStatements(text: string): readonly Statement[] {
  const statements: string[][] = [[]];
  const pattern =
    /--[^\n]*|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|([^\s;'"`[\]]+)|(;)|\s+|([\s\S])/gu;
  for (const [whole, single, double, tick, bracket, word, end, other] of text.matchAll(pattern)) {
    if (other !== undefined) throw new Refusal('syntax');
    if (end !== undefined) statements.push([]);
    if (whole.startsWith('--')) continue;
    const token = single?.replaceAll("''", "'") ?? double ?? tick ?? bracket ?? word;
    if (token !== undefined) statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}
