import { Cursor } from './cursor.ts';
import { parseAlterUser, parseCreateUser, parseDropUser, parseSetPassword } from './parse-accounts.ts';
import { parseGrant, parseRevoke } from './parse-grants.ts';
import { parseSelect } from './parse-select.ts';
import type { DoubleVersion } from './server-version.ts';
import type { Statement } from './statement.ts';
import type { QuotingMode } from './tokens.ts';

/** A statement, and how it may stand in a log. */
export interface Parsed {
  readonly statement: Statement;
  /** Its text with <secret> for each password in it. */
  readonly logged: string;
}

/** Reads a statement. Whatever the double does not know, or this version does not, is a syntax error. */
export function parse(sql: string, mode: QuotingMode, version: DoubleVersion): Parsed {
  const cursor = new Cursor(sql, mode, version);
  const statement = parseStatement(cursor);
  cursor.end();
  let logged = '';
  let at = 0;
  for (const { start, end } of cursor.secrets) {
    logged += `${sql.slice(at, start)}<secret>`;
    at = end;
  }
  return { statement, logged: logged + sql.slice(at) };
}

function parseStatement(cursor: Cursor): Statement {
  const first = cursor.next?.kind === 'string' ? '' : cursor.next?.text.toUpperCase();
  if (first === '(' || first === 'SELECT') return parseSelect(cursor);
  if (cursor.takes('CREATE', 'USER')) return parseCreateUser(cursor);
  if (cursor.takes('ALTER', 'USER')) return parseAlterUser(cursor);
  if (cursor.takes('DROP', 'USER')) return parseDropUser(cursor);
  if (cursor.takes('CREATE', 'DATABASE')) return { kind: 'create-database', name: cursor.name() };
  if (cursor.takes('DROP', 'DATABASE')) return { kind: 'drop-database', name: cursor.name() };
  if (cursor.version.hasRoles && cursor.takes('CREATE', 'ROLE')) {
    const ifNotExists = cursor.takes('IF', 'NOT', 'EXISTS');
    return { kind: 'create-role', ifNotExists, accounts: cursor.list(() => cursor.account() ?? cursor.refuse()) };
  }
  if (cursor.takes('GRANT')) return parseGrant(cursor);
  if (cursor.takes('REVOKE')) return parseRevoke(cursor);
  if (cursor.takes('SHOW')) return parseShow(cursor);
  if (cursor.takes('SET')) return parseSet(cursor);
  return cursor.refuse();
}

function parseShow(cursor: Cursor): Statement {
  if (cursor.takes('GRANTS')) {
    return { kind: 'show-grants', account: cursor.takes('FOR') ? cursor.account() : undefined };
  }
  if (!cursor.version.isAtLeast('5.7.6')) cursor.refuse();
  cursor.expects('CREATE', 'USER');
  return { kind: 'show-create-user', account: cursor.account() };
}

function parseSet(cursor: Cursor): Statement {
  if (cursor.takes('NAMES')) {
    cursor.expects('UTF8MB4');
    return { kind: 'set-names' };
  }
  if (cursor.takes('PASSWORD')) return parseSetPassword(cursor);
  if (cursor.version.hasRoles && cursor.takes('ROLE')) {
    cursor.expects('DEFAULT');
    return { kind: 'set-role' };
  }
  const global = cursor.takes('GLOBAL');
  if (!global) cursor.takes('SESSION');
  const name = cursor.name().toLowerCase();
  cursor.expectsSymbol('=');
  const value = cursor.next?.kind === 'number' ? String(cursor.number()) : wordOrString(cursor);
  return { kind: 'set-variable', global, name, value };
}

function wordOrString(cursor: Cursor): string {
  return cursor.next?.kind === 'string' ? cursor.string() : cursor.word();
}
