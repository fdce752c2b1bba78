import pg from 'pg';
import { ServerError, syntaxError } from '../front/server-error.ts';
import type { Token } from './tokens.ts';

/** Functions that Redshift has, as far as anybody here calls them. */
const functions = [
  'current_database',
  'version',
  'oidvectortypes',
  'has_table_privilege',
  'has_schema_privilege',
  'has_database_privilege',
  'has_function_privilege',
  'pg_get_userbyid',
  'count',
  'md5',
  'lower',
  'upper',
  'length',
  'coalesce',
  'pg_backend_pid',
];

/** Catalogue tables and views that Redshift has. */
const relations = [
  'pg_user',
  'pg_group',
  'pg_database',
  'pg_class',
  'pg_namespace',
  'pg_proc',
  'pg_proc_info',
  'pg_language',
  'pg_user_info',
];

/** Words after which a parenthesis is no call. */
const noCalls = [
  'in',
  'any',
  'and',
  'or',
  'not',
  'exists',
  'as',
  'values',
  'where',
  'from',
  'select',
  'on',
  'varchar',
  'int',
  'integer',
  'numeric',
  'char',
];

/** Words of PostgreSQL's later grammar. */
const laterWords = ['lateral', 'filter', 'returning', 'operator', 'ordinality', 'materialized'];

const versionText =
  'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.71629';

/**
 * A query or a change of data, for the PostgreSQL below: its names and constants are written anew, so that they mean
 * what they mean to Redshift. What Redshift lacks is refused by name. Where only the catalogue is read, what is compared
 * with becomes parameters: the plan of such a query is long in the making, and so serves for every user.
 */
export function rewriteQuery(
  tokens: readonly Token[],
  caseSensitive: boolean,
): { readonly sql: string; readonly values?: readonly string[] | undefined } {
  const values: string[] | undefined = readsOnlyCatalogue(tokens) ? [] : undefined;
  const sql = tokens
    .map((token, index) => {
      const before = tokens[index - 1];
      const after = tokens[index + 1];
      if (token.kind === 'text') {
        if (values === undefined || !isCompared(tokens, index)) return textOf(token.value);
        return `$${values.push(token.value)}`;
      }
      if (token.kind === 'name') {
        return pg.escapeIdentifier(caseSensitive ? token.value : token.value.toLowerCase());
      }
      if (token.kind !== 'word') return token.text;
      // PostgreSQL 8 casts by functions alone, and has none from this type to text.
      if (token.value === 'valuntil' && after?.value === '::') {
        throw new ServerError('42846', 'cannot cast type abstime to character varying', 'TypeCategory');
      }
      if (laterWords.includes(token.value)) throw syntaxError(token.text);
      if (after?.value === '(' && after.kind === 'sign') return call(token, before);
      checkRelation(token, after);
      return token.value;
    })
    .join(' ')
    .replaceAll('version ( )', textOf(versionText));
  return { sql, values };
}

/** What it reads keeps its columns and their types for ever, so that a plan of it can be kept. */
function readsOnlyCatalogue(tokens: readonly Token[]): boolean {
  let isList = false;
  let reads = false;
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'word' && ['where', 'group', 'order', 'having', 'limit', 'union'].includes(token.value)) {
      isList = false;
    } else if (token.kind === 'word' && ['from', 'join'].includes(token.value)) {
      isList = true;
    } else if (!isList || token.kind !== 'sign' || token.value !== ',') {
      continue;
    }
    const next = tokens[index + 1];
    if (isList && (next?.kind !== 'word' || next.value !== 'pg_catalog')) return false;
    reads ||= isList;
  }
  return reads && tokens[0]?.kind === 'word' && tokens[0].value === 'select';
}

/** Whether a constant stands after `=`, or in the list of an IN, and for itself. */
function isCompared(tokens: readonly Token[], index: number): boolean {
  const after = tokens[index + 1];
  if (after !== undefined && !(after.kind === 'word' || [')', ','].includes(after.value))) return false;
  let at = index - 1;
  if (tokens[at]?.kind === 'sign' && tokens[at]?.value === '=') return true;
  while (tokens[at]?.kind === 'sign' && tokens[at]?.value === ',' && tokens[at - 1]?.kind === 'text') at -= 2;
  return tokens[at]?.kind === 'sign' && tokens[at]?.value === '(' && tokens[at - 1]?.value === 'in';
}

function call(token: Token, before: Token | undefined): string {
  if (noCalls.includes(token.value) || functions.includes(token.value) || before?.value === 'into') return token.value;
  // A column list after a table's name is no call either.
  if (before?.value === '.' || before?.value === 'table') return token.value;
  throw new ServerError('42883', `function ${token.value}() does not exist`, 'ParseFuncOrColumn');
}

function checkRelation(token: Token, after: Token | undefined): void {
  if (!/^(pg|svv|svl|stv|stl|sys)_/.test(token.value) || token.value === 'pg_catalog' || after?.value === '.') return;
  if (relations.includes(token.value) || /^svv_/.test(token.value)) return;
  throw new ServerError('42P01', `relation "${token.value}" does not exist`, 'RangeVarGetRelid');
}

/** A constant that means the same whatever standard_conforming_strings says. */
function textOf(value: string): string {
  return pg.escapeLiteral(value).trimStart();
}
