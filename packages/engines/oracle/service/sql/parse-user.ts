import { ora } from '../database/ora-error.ts';
import type { DefaultRoles, ProxyGrant, Statement, UserOption } from './statements.ts';
import type { TokenReader } from './token-reader.ts';

/** `CREATE USER name …`, after these words. */
export function parseCreateUser(read: TokenReader): Statement {
  const name = read.name(1935);
  const options: UserOption[] = [];
  while (!read.atEnd) options.push(option(read, 'create'));
  if (!options.some(({ kind }) => ['password', 'external', 'no-authentication'].includes(kind))) throw ora(988);
  return { kind: 'create-user', name, options: once(options) };
}

/** `ALTER USER name …`, after these words. */
export function parseAlterUser(read: TokenReader): Statement {
  const name = read.name(987);
  for (const grant of [true, false]) {
    if (!read.take(grant ? 'GRANT' : 'REVOKE', 'CONNECT', 'THROUGH')) continue;
    const proxy = proxyGrant(read);
    read.end();
    return { kind: 'proxy', grant, client: name, ...proxy };
  }
  const options: UserOption[] = [];
  while (!read.atEnd) options.push(option(read, 'alter'));
  if (options.length === 0) throw ora(922);
  return { kind: 'alter-user', name, options: once(options) };
}

function option(read: TokenReader, of: 'create' | 'alter'): UserOption {
  if (read.take('IDENTIFIED', 'BY')) return password(read);
  if (read.take('IDENTIFIED', 'EXTERNALLY')) {
    return { kind: 'external', name: read.take('AS') ? read.of('string', 922) : undefined };
  }
  if (read.take('NO', 'AUTHENTICATION')) return { kind: 'no-authentication' };
  if (read.take('DEFAULT', 'TABLESPACE')) return { kind: 'tablespace', use: 'default', name: read.name() };
  if (read.take('TEMPORARY', 'TABLESPACE')) return { kind: 'tablespace', use: 'temporary', name: read.name() };
  if (read.take('LOCAL', 'TEMPORARY', 'TABLESPACE')) {
    return { kind: 'tablespace', use: 'local temporary', name: read.name() };
  }
  if (read.take('QUOTA')) {
    const bytes = read.take('UNLIMITED') ? -1 : Number(read.of('number', 922));
    read.expect('ON');
    return { kind: 'quota', bytes, tablespace: read.name() };
  }
  if (read.take('PROFILE')) return { kind: 'profile', name: read.name() };
  if (read.take('PASSWORD', 'EXPIRE')) return { kind: 'expire' };
  if (read.take('ACCOUNT', 'LOCK')) return { kind: 'lock', locked: true };
  if (read.take('ACCOUNT', 'UNLOCK')) return { kind: 'lock', locked: false };
  if (read.take('ENABLE', 'EDITIONS')) return { kind: 'editions' };
  if (of === 'alter' && read.take('EXPIRE', 'PASSWORD', 'ROLLOVER', 'PERIOD')) return { kind: 'end-rollover' };
  if (of === 'alter' && read.take('DEFAULT', 'ROLE')) return { kind: 'default-role', roles: defaultRoles(read) };
  throw ora(922);
}

function password(read: TokenReader): UserOption {
  const given = read.name(988);
  return read.take('REPLACE')
    ? { kind: 'password', password: given, replace: read.name(988) }
    : { kind: 'password', password: given };
}

function defaultRoles(read: TokenReader): DefaultRoles {
  if (read.take('NONE')) return { mode: 'only', roles: [] };
  if (read.take('ALL', 'EXCEPT')) return { mode: 'except', roles: read.names() };
  if (read.take('ALL')) return { mode: 'all' };
  return { mode: 'only', roles: read.names() };
}

function proxyGrant(read: TokenReader): ProxyGrant {
  const proxy = read.name(987);
  const { mode, roles } = proxyRoles(read);
  return { proxy, mode, roles, authenticated: read.take('AUTHENTICATION', 'REQUIRED') };
}

function proxyRoles(read: TokenReader): Pick<ProxyGrant, 'mode' | 'roles'> {
  if (read.take('WITH', 'NO', 'ROLES')) return { mode: 'none', roles: [] };
  if (read.take('WITH', 'ROLE', 'ALL', 'EXCEPT')) return { mode: 'except', roles: read.names() };
  if (read.take('WITH', 'ROLE')) return { mode: 'only', roles: read.names() };
  return { mode: 'all', roles: [] };
}

/** Each clause once; only quotas may come for several tablespaces. */
function once(options: readonly UserOption[]): readonly UserOption[] {
  const seen = options.map((each) => {
    if (each.kind === 'quota') return `${each.kind} ${each.tablespace}`;
    if (each.kind === 'tablespace') return `${each.kind} ${each.use}`;
    return ['external', 'no-authentication'].includes(each.kind) ? 'password' : each.kind;
  });
  if (new Set(seen).size !== seen.length) throw ora(922);
  return options;
}
