import type { On } from './statements.ts';
import type { TokenReader } from './token-reader.ts';

/** Classes as they stand before `::`, those of several words first, and whether a schema's name comes before the name. */
export const classKeywords: ReadonlyMap<
  string,
  { readonly number: number; readonly server: boolean; readonly inSchema: boolean }
> = new Map(
  [
    ['REMOTE SERVICE BINDING', 18],
    ['XML SCHEMA COLLECTION', 10, 'schema'],
    ['SEARCH PROPERTY LIST', 31],
    ['DATABASE SCOPED CREDENTIAL', 32],
    ['AVAILABILITY GROUP', 108, 'server'],
    ['APPLICATION ROLE', 4],
    ['FULLTEXT CATALOG', 23],
    ['FULLTEXT STOPLIST', 29],
    ['SYMMETRIC KEY', 24],
    ['ASYMMETRIC KEY', 26],
    ['MESSAGE TYPE', 15],
    ['SERVER ROLE', 101, 'server'],
    ['DATABASE', -1],
    ['CERTIFICATE', 25],
    ['ASSEMBLY', 5],
    ['CONTRACT', 16],
    ['ENDPOINT', 105, 'server'],
    ['SERVICE', 17],
    ['OBJECT', 1, 'schema'],
    ['SCHEMA', 3],
    ['LOGIN', 101, 'server'],
    ['ROUTE', 19],
    ['ROLE', 4],
    ['TYPE', 6, 'schema'],
    ['USER', 4],
  ].map(([keyword, number, more]) => [
    String(keyword),
    { number: Number(number), server: more === 'server', inSchema: more === 'schema' },
  ]),
);

const byFirstWord = Map.groupBy(classKeywords.keys(), (keyword) => keyword.split(' ')[0] ?? '');

/** Reads what a permission is about, or what gets another owner. */
export function readOn(tokens: TokenReader): On {
  for (const keyword of byFirstWord.get(tokens.token.value.toUpperCase()) ?? []) {
    if (!tokens.tookWord(...keyword.split(' '))) continue;
    tokens.sign('::');
    return { keyword, path: tokens.path() };
  }
  return { keyword: 'OBJECT', path: tokens.path() };
}
