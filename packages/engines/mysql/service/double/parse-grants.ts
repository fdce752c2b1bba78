import { limitNames } from './account.ts';
import type { AccountName, Cursor } from './cursor.ts';
import { parseAuth } from './parse-accounts.ts';
import { parseLimit, parseTls } from './parse-conditions.ts';
import { dynamicPrivileges, privilegeAt } from './privileges.ts';
import type { AuthChange, Conditions, Level, Privilege, Statement } from './statement.ts';

export function parseGrant(cursor: Cursor): Statement {
  if (cursor.takes('PROXY')) {
    cursor.expects('ON');
    const on = named(cursor);
    cursor.expects('TO');
    const to = cursor.list(() => cursor.account());
    return { kind: 'grant-proxy', on, to, option: cursor.takes('WITH', 'GRANT', 'OPTION') };
  }
  if (isAboutRoles(cursor, 'TO')) {
    const roles = cursor.list(() => named(cursor));
    cursor.expects('TO');
    const to = cursor.list(() => cursor.account());
    return { kind: 'grant-role', roles, to, option: cursor.takes('WITH', 'ADMIN', 'OPTION') };
  }
  const privileges = parsePrivileges(cursor);
  cursor.expects('ON');
  const level = parseLevel(cursor);
  cursor.expects('TO');
  // Before 8.0 a GRANT may make accounts, and change how they log in.
  const old = !cursor.version.hasRoles;
  const to = cursor.list((): AuthChange => {
    if (old) return parseAuth(cursor, 'grant');
    return { account: cursor.account(), self: false, discard: false, retain: false };
  });
  const conditions: Conditions = {};
  if (old && cursor.takes('REQUIRE')) conditions.tls = parseTls(cursor);
  let option = false;
  if (cursor.takes('WITH')) {
    if (cursor.takes('GRANT', 'OPTION')) option = true;
    else if (!old) cursor.refuse();
    while (old && limitNames.some((name) => cursor.next?.text.toUpperCase() === name)) {
      conditions.limits ??= {};
      parseLimit(cursor, conditions.limits);
    }
    if (!option && conditions.limits === undefined) cursor.refuse();
  }
  return { kind: 'grant', privileges, level, to, option, conditions };
}

export function parseRevoke(cursor: Cursor): Statement {
  if (cursor.takes('PROXY')) {
    cursor.expects('ON');
    const on = named(cursor);
    cursor.expects('FROM');
    return { kind: 'revoke-proxy', on, from: cursor.list(() => cursor.account()) };
  }
  if (cursor.firstOf('ON', 'FROM') === 'FROM') {
    if (cursor.takes('ALL')) {
      cursor.takes('PRIVILEGES');
      cursor.expectsSymbol(',');
      cursor.expects('GRANT', 'OPTION', 'FROM');
      return { kind: 'revoke-all', from: cursor.list(() => cursor.account()) };
    }
    if (!isAboutRoles(cursor, 'FROM')) cursor.refuse();
    const roles = cursor.list(() => named(cursor));
    cursor.expects('FROM');
    return { kind: 'revoke-role', roles, from: cursor.list(() => cursor.account()) };
  }
  const privileges = parsePrivileges(cursor);
  cursor.expects('ON');
  const level = parseLevel(cursor);
  cursor.expects('FROM');
  return { kind: 'revoke', privileges, level, from: cursor.list(() => cursor.account()) };
}

function isAboutRoles(cursor: Cursor, preposition: 'TO' | 'FROM'): boolean {
  return cursor.version.hasRoles && cursor.firstOf('ON', preposition) === preposition;
}

function named(cursor: Cursor): AccountName {
  return cursor.account() ?? cursor.refuse();
}

function parsePrivileges(cursor: Cursor): readonly Privilege[] {
  if (cursor.takes('ALL')) {
    cursor.takes('PRIVILEGES');
    return [{ name: 'ALL', columns: [] }];
  }
  return cursor.list(() => {
    const name = cursor.takes('USAGE') ? 'USAGE' : privilegeName(cursor);
    if (!cursor.takesSymbol('(')) return { name, columns: [] };
    const columns = cursor.list(() => cursor.name());
    cursor.expectsSymbol(')');
    return { name, columns };
  });
}

function privilegeName(cursor: Cursor): string {
  const { hasRoles } = cursor.version;
  const words = cursor.wordsAhead(4);
  const name = privilegeAt(words, hasRoles);
  if (name !== undefined) {
    cursor.expects(...name.split(' '));
    return name;
  }
  const dynamic = words[0] ?? '';
  if (!hasRoles || !dynamicPrivileges.includes(dynamic)) cursor.refuse();
  cursor.expects(dynamic);
  return dynamic;
}

function parseLevel(cursor: Cursor): Level {
  const kind = (['FUNCTION', 'PROCEDURE'] as const).find((word) => cursor.takes(word));
  if (kind === undefined) cursor.takes('TABLE');
  if (cursor.takesSymbol('*')) {
    cursor.expectsSymbol('.');
    cursor.expectsSymbol('*');
    return { kind: 'global' };
  }
  const database = cursor.name();
  cursor.expectsSymbol('.');
  if (cursor.takesSymbol('*')) {
    if (kind !== undefined) cursor.refuse();
    return { kind: 'database', database };
  }
  const name = cursor.name();
  return kind === undefined
    ? { kind: 'table', database, table: name }
    : { kind: 'routine', routine: kind, database, name };
}
