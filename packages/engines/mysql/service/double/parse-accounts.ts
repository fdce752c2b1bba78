import type { Cursor } from './cursor.ts';
import { parseConditions } from './parse-conditions.ts';
import type { AuthChange, Statement } from './statement.ts';

export function parseCreateUser(cursor: Cursor): Statement {
  const tolerant = cursor.version.isAtLeast('5.7.8') && cursor.takes('IF', 'NOT', 'EXISTS');
  const accounts = cursor.list(() => parseAuth(cursor, 'create'));
  const defaultRoles =
    cursor.version.hasRoles && cursor.takes('DEFAULT', 'ROLE')
      ? cursor.list(() => cursor.account() ?? cursor.refuse())
      : [];
  return { kind: 'create-user', tolerant, accounts, defaultRoles, conditions: parseConditions(cursor) };
}

export function parseAlterUser(cursor: Cursor): Statement {
  // Before 5.7.6 it only marks passwords as expired, which nothing here needs.
  if (!cursor.version.isAtLeast('5.7.6')) cursor.refuse();
  const tolerant = cursor.takes('IF', 'EXISTS');
  const [one, ...others] = cursor.list(() => parseAuth(cursor, 'alter'));
  if (one === undefined) return cursor.refuse();
  if (one.self) {
    if (others.length > 0) cursor.refuse();
    return { kind: 'alter-user', tolerant, accounts: [one], conditions: {} };
  }
  if (cursor.version.hasRoles && others.length === 0 && isBare(one) && cursor.takes('DEFAULT', 'ROLE')) {
    const account = one.account ?? cursor.refuse();
    if (cursor.takes('NONE')) return { kind: 'default-roles', account, roles: [] };
    if (cursor.takes('ALL')) return { kind: 'default-roles', account, roles: 'ALL' };
    return { kind: 'default-roles', account, roles: cursor.list(() => cursor.account() ?? cursor.refuse()) };
  }
  return {
    kind: 'alter-user',
    tolerant,
    accounts: [one, ...others],
    conditions: parseConditions(cursor),
  };
}

export function parseDropUser(cursor: Cursor): Statement {
  const ifExists = cursor.version.isAtLeast('5.7.8') && cursor.takes('IF', 'EXISTS');
  return { kind: 'drop-user', ifExists, accounts: cursor.list(() => cursor.account() ?? cursor.refuse()) };
}

/** @see https://dev.mysql.com/doc/refman/8.4/en/set-password.html and the one of 5.6, in which a string is a hash */
export function parseSetPassword(cursor: Cursor): Statement {
  const account = cursor.takes('FOR') ? cursor.account() : undefined;
  cursor.expectsSymbol('=');
  const { version } = cursor;
  if (!version.hasRoles && cursor.takes('PASSWORD')) {
    cursor.expectsSymbol('(');
    const password = cursor.secret();
    cursor.expectsSymbol(')');
    return { kind: 'set-password', account, password, retain: false };
  }
  const text = cursor.secret();
  if (!version.isAtLeast('5.7.6')) return { kind: 'set-password', account, hash: text, retain: false };
  const replace = version.isAtLeast('8.0.13') && cursor.takes('REPLACE') ? cursor.secret() : undefined;
  const retain = version.isAtLeast('8.0.14') && cursor.takes('RETAIN', 'CURRENT', 'PASSWORD');
  return { kind: 'set-password', account, password: text, retain, ...(replace === undefined ? {} : { replace }) };
}

function isBare({ plugin, password, verifier, discard }: AuthChange): boolean {
  return plugin === undefined && password === undefined && verifier === undefined && !discard;
}

/** An account with what follows IDENTIFIED. GRANT takes it before 8.0. */
export function parseAuth(cursor: Cursor, statement: 'create' | 'alter' | 'grant'): AuthChange {
  const { version } = cursor;
  if (statement === 'alter' && cursor.takes('USER')) {
    cursor.expectsSymbol('(');
    cursor.expectsSymbol(')');
    if (takesDiscard(cursor)) return { account: undefined, self: true, discard: true, retain: false };
    cursor.expects('IDENTIFIED', 'BY');
    return { account: undefined, self: true, discard: false, password: cursor.secret(), ...parseTail(cursor, true) };
  }
  const account = cursor.account();
  const bare: AuthChange = { account, self: false, discard: false, retain: false };
  if (statement === 'alter' && takesDiscard(cursor)) return { ...bare, discard: true };
  if (!cursor.takes('IDENTIFIED')) return bare;
  const tail = (replaces: boolean) => (statement === 'alter' ? parseTail(cursor, replaces) : { retain: false });
  if (cursor.takes('BY')) {
    // In CREATE USER and GRANT, before 8.0.
    if (!version.hasRoles && statement !== 'alter' && cursor.takes('PASSWORD')) {
      return { ...bare, nativeHash: cursor.string() };
    }
    return { ...bare, password: cursor.secret(), ...tail(true) };
  }
  cursor.expects('WITH');
  const plugin = cursor.next?.kind === 'string' ? cursor.string() : cursor.name();
  if (cursor.takes('AS')) {
    const hex = cursor.next?.kind === 'hex' && version.isAtLeast('8.0.17');
    return { ...bare, plugin, verifier: hex ? cursor.text() : cursor.string(), ...tail(false) };
  }
  if (cursor.takes('BY')) return { ...bare, plugin, password: cursor.secret(), ...tail(true) };
  return { ...bare, plugin };
}

function takesDiscard(cursor: Cursor): boolean {
  return cursor.version.isAtLeast('8.0.14') && cursor.takes('DISCARD', 'OLD', 'PASSWORD');
}

function parseTail(cursor: Cursor, replaces: boolean): { readonly replace?: string; readonly retain: boolean } {
  const { version } = cursor;
  const replace = replaces && version.isAtLeast('8.0.13') && cursor.takes('REPLACE') ? cursor.secret() : undefined;
  const retain = version.isAtLeast('8.0.14') && cursor.takes('RETAIN', 'CURRENT', 'PASSWORD');
  return { retain, ...(replace === undefined ? {} : { replace }) };
}
