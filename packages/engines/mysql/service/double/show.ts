import { type Account, limitNames, namesIn } from './account.ts';
import type { AccountName } from './cursor.ts';
import { allAt, staticPrivileges } from './privileges.ts';
import type { DoubleVersion } from './server-version.ts';

/** What SHOW GRANTS says of an account. @see https://dev.mysql.com/doc/refman/8.4/en/show-grants.html */
export function shownGrants(account: Account, { hasRoles }: DoubleVersion): readonly string[] {
  const to = quotedAccount(account);
  const order = staticPrivileges(hasRoles);
  const line = (privileges: ReadonlySet<string>, on: string, all: readonly string[]): string => {
    const names = order.filter((name) => name !== 'GRANT OPTION' && privileges.has(name));
    const list = names.length > 0 && names.length === all.length && !hasRoles ? 'ALL PRIVILEGES' : names.join(', ');
    const option = privileges.has('GRANT OPTION') ? ' WITH GRANT OPTION' : '';
    return `GRANT ${list || 'USAGE'} ON ${on} TO ${to}${option}`;
  };
  const lines = [line(account.global, '*.*', allAt('g', hasRoles))];
  for (const option of [false, true]) {
    const names = [...account.dynamic].filter(([, held]) => held === option).map(([name]) => name);
    if (names.length > 0) {
      lines.push(`GRANT ${names.sort().join(',')} ON *.* TO ${to}${option ? ' WITH GRANT OPTION' : ''}`);
    }
  }
  for (const [database, privileges] of sorted(account.databases)) {
    lines.push(line(privileges, `${quoted(database)}.*`, allAt('d', hasRoles)));
  }
  for (const [database, privileges] of sorted(account.restrictions)) {
    const names = order.filter((name) => privileges.has(name));
    lines.push(`REVOKE ${names.join(', ')} ON ${quoted(database)}.* FROM ${to}`);
  }
  for (const [key, { privileges, columns }] of sorted(account.tables)) {
    const inColumns = order.flatMap((name) => {
      const found = [...columns].filter(([, held]) => held.has(name)).map(([column]) => quoted(column));
      return found.length === 0 ? [] : [`${name} (${found.sort().join(', ')})`];
    });
    const whole = order.filter((name) => name !== 'GRANT OPTION' && privileges.has(name));
    const option = privileges.has('GRANT OPTION') ? ' WITH GRANT OPTION' : '';
    const list = [...whole, ...inColumns].join(', ') || 'USAGE';
    lines.push(`GRANT ${list} ON ${namesIn(key).map(quoted).join('.')} TO ${to}${option}`);
  }
  for (const [key, privileges] of sorted(account.routines)) {
    const [kind = '', ...names] = namesIn(key);
    lines.push(line(privileges, `${kind} ${names.map(quoted).join('.')}`, []));
  }
  for (const [key, option] of sorted(account.proxies)) {
    lines.push(`GRANT PROXY ON ${accountOf(key)} TO ${to}${option ? ' WITH GRANT OPTION' : ''}`);
  }
  for (const option of [false, true]) {
    const roles = [...account.roles].filter(([, held]) => held === option).map(([key]) => accountOf(key));
    if (roles.length > 0) lines.push(`GRANT ${roles.sort().join(',')} TO ${to}${option ? ' WITH ADMIN OPTION' : ''}`);
  }
  return lines;
}

/** What SHOW CREATE USER says. @see https://dev.mysql.com/doc/refman/8.4/en/show-create-user.html */
export function shownAccount(account: Account, version: DoubleVersion, hidesVerifier: boolean): string {
  const { plugin, verifier, tls, limits, lifetime, defaultRoles } = account;
  const string = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const shownVerifier = verifier === '' ? '' : ` AS ${hidesVerifier ? '<secret>' : string(verifier)}`;
  const details = (['issuer', 'subject', 'cipher'] as const).filter((name) => tls[name] !== '');
  const demand = {
    '': 'NONE',
    ANY: 'SSL',
    X509: 'X509',
    SPECIFIED: details.map((name) => `${name.toUpperCase()} ${string(tls[name])}`).join(' '),
  }[tls.type];
  const limited = limitNames.filter((name) => limits[name] > 0).map((name) => `${name} ${limits[name]}`);
  const orDefault = (value: number | null, unit: string): string => (value === null ? 'DEFAULT' : `${value}${unit}`);
  const roles = [...defaultRoles].map(accountOf).sort();
  return [
    `CREATE USER ${quotedAccount(account)} IDENTIFIED WITH ${string(plugin)}${shownVerifier}`,
    ...(roles.length > 0 ? [`DEFAULT ROLE ${roles.join(',')}`] : []),
    `REQUIRE ${demand}`,
    ...(limited.length > 0 ? [`WITH ${limited.join(' ')}`] : []),
    `PASSWORD EXPIRE${account.expired ? '' : ` ${lifetime === null ? 'DEFAULT' : lifetime === 0 ? 'NEVER' : `INTERVAL ${lifetime} DAY`}`}`,
    `ACCOUNT ${account.locked ? 'LOCK' : 'UNLOCK'}`,
    ...(version.hasRoles
      ? [
          `PASSWORD HISTORY ${orDefault(account.history, '')}`,
          `PASSWORD REUSE INTERVAL ${orDefault(account.reuseDays, ' DAY')}`,
          `PASSWORD REQUIRE CURRENT${account.requireCurrent === null ? ' DEFAULT' : account.requireCurrent === 'N' ? ' OPTIONAL' : ''}`,
        ]
      : []),
    ...(account.failedLoginAttempts + Math.abs(account.passwordLockDays) > 0
      ? [
          `FAILED_LOGIN_ATTEMPTS ${account.failedLoginAttempts} PASSWORD_LOCK_TIME ${account.passwordLockDays === -1 ? 'UNBOUNDED' : account.passwordLockDays}`,
        ]
      : []),
    ...(account.metadata === undefined || Object.keys(account.metadata).length === 0
      ? []
      : [`ATTRIBUTE ${string(JSON.stringify(inOrder(account.metadata)))}`]),
  ].join(' ');
}

/** Names of an object in the order in which the server keeps them: short ones first. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => one.length - other.length || (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function quotedAccount({ user, host }: AccountName): string {
  return `${quoted(user)}@${quoted(host)}`;
}

function accountOf(key: string): string {
  const [user = '', host = ''] = namesIn(key);
  return quotedAccount({ user, host });
}

function sorted<T>(held: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...held].sort(([one], [other]) => (one < other ? -1 : 1));
}
