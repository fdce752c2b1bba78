import { syntaxError } from '../front/server-error.ts';
import { Cursor } from './cursor.ts';
import { defaultPrivileges, grant, revoke } from './grants.ts';
import { rewriteQuery } from './query.ts';
import type { Statement } from './statement.ts';
import { type Token, tokensOf } from './tokens.ts';
import { alterUser, createUser, parameter, setting } from './users.ts';

/** Statements that go to the PostgreSQL below, once their names are written anew. */
const passed = [
  ['select'],
  ['insert', 'into'],
  ['update'],
  ['delete', 'from'],
  ['create', 'table'],
  ['create', 'schema'],
  ['create', 'view'],
  ['drop', 'table'],
  ['drop', 'schema'],
  ['drop', 'view'],
  ['alter', 'table'],
  ['alter', 'schema'],
  ['truncate'],
] as const;

/**
 * Parses a text of one or more statements in Redshift's grammar, as far as this double has it; anything else is a
 * syntax error, as Redshift makes one of what only PostgreSQL has.
 * @param isCaseSensitive enable_case_sensitive_identifier, at the moment of each statement
 */
export function* parse(sql: string, isCaseSensitive: () => boolean): Generator<Statement> {
  for (const tokens of split(tokensOf(sql))) yield parseOne(tokens, isCaseSensitive());
}

/** How many statements a text has. */
export function countStatements(sql: string): number {
  return split(tokensOf(sql)).length;
}

function split(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'sign' && token.value === ';') statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}

function parseOne(tokens: readonly Token[], caseSensitive: boolean): Statement {
  const cursor = new Cursor(tokens, caseSensitive);
  const statement = special(cursor);
  if (statement !== undefined) {
    cursor.end();
    return statement;
  }
  const words = passed.find((each) => cursor.sees(...each));
  if (words === undefined) throw syntaxError(tokens[0]?.text ?? '');
  return { kind: 'query', ...rewriteQuery(tokens, caseSensitive), tag: words.join(' ').toUpperCase() };
}

function special(cursor: Cursor): Statement | undefined {
  if (cursor.takes('begin') || cursor.takes('start', 'transaction')) return { kind: 'begin' };
  if (cursor.takes('commit') || cursor.takes('end')) return { kind: 'commit' };
  if (cursor.takes('rollback') || cursor.takes('abort')) return { kind: 'rollback' };
  if (cursor.takes('set')) {
    cursor.takes('session');
    return { kind: 'set', ...setting(cursor) };
  }
  if (cursor.takes('reset')) return { kind: 'reset', name: parameter(cursor) };
  if (cursor.takes('create', 'user')) return createUser(cursor);
  if (cursor.takes('alter', 'user')) return alterUser(cursor);
  if (cursor.takes('drop', 'user')) return { kind: 'drop-user', name: cursor.userName() };
  if (cursor.takes('create', 'role')) return { kind: 'create-role', name: cursor.roleName() };
  if (cursor.takes('drop', 'role')) return { kind: 'drop-role', name: cursor.roleName() };
  if (cursor.takes('create', 'datashare')) return { kind: 'create-datashare', name: cursor.name() };
  if (cursor.takes('drop', 'group')) return { kind: 'drop-group', name: cursor.name() };
  if (cursor.takes('create', 'group')) {
    const name = cursor.name();
    const users = cursor.takes('with', 'user') ? cursor.list(() => cursor.userName()) : [];
    return { kind: 'create-group', name, users };
  }
  if (cursor.takes('alter', 'group')) return alterGroup(cursor);
  if (cursor.takes('alter', 'default', 'privileges')) return defaultPrivileges(cursor);
  if (cursor.takes('grant')) return grant(cursor);
  if (cursor.takes('revoke')) return revoke(cursor);
  if (cursor.sees('attach')) return attach(cursor);
  return undefined;
}

function alterGroup(cursor: Cursor): Statement {
  const name = cursor.name();
  const adds = cursor.takes('add', 'user');
  if (!adds) cursor.needs('drop', 'user');
  return { kind: 'alter-group', name, adds, users: cursor.list(() => cursor.userName()) };
}

function attach(cursor: Cursor): Statement {
  cursor.needs('attach');
  const masks = cursor.takes('masking', 'policy');
  if (!masks) cursor.needs('rls', 'policy');
  const policy = cursor.name();
  cursor.needs('on');
  const table = cursor.dotted();
  if (masks) {
    cursor.needs('(');
    cursor.list(() => cursor.name());
    cursor.needs(')');
  }
  cursor.needs('to');
  return { kind: 'attach-policy', policy, table, user: cursor.userName(), masks };
}
