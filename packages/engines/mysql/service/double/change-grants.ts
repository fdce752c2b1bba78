import { type Account, objectKey } from './account.ts';
import { applyConditions, createUser } from './change-accounts.ts';
import type { AccountName } from './cursor.ts';
import { keyOf, shown } from './database.ts';
import { refuse } from './failure.ts';
import { allAt, dynamicPrivileges, holdsAt } from './privileges.ts';
import {
  mayUpdateMysql,
  needAdminOf,
  needGlobal,
  needGrantable,
  needGrantableDynamic,
  needProxyGrant,
  needSystemUserFor,
} from './rights.ts';
import type { Session } from './session.ts';
import type { Level, Privilege, Statement } from './statement.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

const letters = { global: 'g', database: 'd', table: 't', routine: 'r' } as const;

export function grant(session: Session, { privileges, level, to, option, conditions }: Of<'grant'>): void {
  const { statics, dynamics } = sorted(session, privileges, level);
  const names = to.map(({ account }) => account ?? session.name ?? refuse(1410, 'no account'));
  needSystemUserFor(session, names);
  if (statics.length > 0 || dynamics.length === 0) needGrantable(session, level, statics);
  if (dynamics.length > 0) needGrantableDynamic(session, dynamics);
  checkObject(session, level, statics);
  for (const name of names) {
    if (session.database.find(name) !== undefined) continue;
    if (session.database.version.hasRoles) refuse(1410, 'You are not allowed to create a user with GRANT');
    if (session.sqlMode.has('NO_AUTO_CREATE_USER')) refuse(1133, "Can't find any matching row in the user table");
    const change = to.filter(({ account }) => account !== undefined && keyOf(account) === keyOf(name));
    createUser(session, { kind: 'create-user', tolerant: false, accounts: change, conditions: {}, defaultRoles: [] });
  }
  for (const name of names) {
    const account = session.database.find(name) ?? refuse(1410, 'no account');
    give(session, account, level, statics, dynamics, option);
    applyConditions(account, conditions);
  }
}

export function revoke(session: Session, { privileges, level, from }: Of<'revoke'>): void {
  const { statics, dynamics } = sorted(session, privileges, level);
  const names = from.map((name) => name ?? session.name ?? refuse(1141, 'no account'));
  needSystemUserFor(session, names);
  if (statics.length > 0 || dynamics.length === 0) needGrantable(session, level, statics);
  if (dynamics.length > 0) needGrantableDynamic(session, dynamics);
  for (const name of names) {
    const account = session.database.find(name);
    if (account === undefined) {
      refuse(1141, `There is no such grant defined for user '${name.user}' on host '${name.host}'`);
    }
    take(session, account, level, statics, dynamics);
  }
}

export function revokeAll(session: Session, { from }: Of<'revoke-all'>): void {
  if (!mayUpdateMysql(session)) needGlobal(session, 'CREATE USER');
  for (const name of from) {
    const account = session.database.find(name ?? session.name ?? refuse(1269, 'no account'));
    if (account === undefined) refuse(1269, "Can't revoke all privileges for one or more of the requested users");
    for (const held of [account.global, account.dynamic, account.restrictions, account.databases, account.tables])
      held.clear();
    account.routines.clear();
  }
}

export function grantProxy(session: Session, { on, to, option }: Of<'grant-proxy'>): void {
  needProxyGrant(session, on);
  for (const name of to) existing(session, name).proxies.set(keyOf(on), option);
}

export function revokeProxy(session: Session, { on, from }: Of<'revoke-proxy'>): void {
  needProxyGrant(session, on);
  for (const name of from) {
    const account = existing(session, name);
    if (!account.proxies.delete(keyOf(on))) noSuchGrant(account);
  }
}

export function grantRole(session: Session, { roles, to, option }: Of<'grant-role'>): void {
  needAdminOf(session, roles);
  for (const name of to) {
    const account = knownAuthId(session, name ?? session.name);
    for (const role of roles) {
      const found = knownAuthId(session, role);
      if (found === account) refuse(4027, 'User account is directly or indirectly granted to the role.');
      // The option stays once it is given.
      account.roles.set(keyOf(role), option || account.roles.get(keyOf(role)) === true);
    }
  }
}

export function revokeRole(session: Session, { roles, from }: Of<'revoke-role'>): void {
  needAdminOf(session, roles);
  for (const name of from) {
    const account = knownAuthId(session, name ?? session.name);
    for (const role of roles) {
      knownAuthId(session, role);
      account.roles.delete(keyOf(role));
      account.defaultRoles.delete(keyOf(role));
    }
  }
}

function existing(session: Session, name: AccountName | undefined): Account {
  return (
    session.database.find(name ?? session.name ?? refuse(1410, 'no account')) ??
    refuse(1410, 'You are not allowed to create a user with GRANT')
  );
}

function knownAuthId({ database }: Session, name: AccountName | undefined): Account {
  const found = name === undefined ? undefined : database.find(name);
  return found ?? refuse(3523, `Unknown authorization ID \`${name?.user ?? ''}\`@\`${name?.host ?? ''}\``);
}

function noSuchGrant({ user, host }: Account): never {
  return refuse(1141, `There is no such grant defined for user '${user}' on host '${host}'`);
}

interface Sorted {
  readonly statics: readonly Privilege[];
  readonly dynamics: readonly string[];
}

/** The privileges by their sort; one that cannot be granted there is refused. */
function sorted({ database }: Session, privileges: readonly Privilege[], level: Level): Sorted {
  const letter = letters[level.kind];
  const { hasRoles } = database.version;
  const all = privileges.flatMap(({ name, columns }): readonly Privilege[] => {
    if (name === 'USAGE') return [];
    if (name !== 'ALL') return [{ name, columns }];
    const dynamic = level.kind === 'global' && hasRoles ? dynamicPrivileges : [];
    return [...allAt(letter, hasRoles), ...dynamic].map((one) => ({ name: one, columns: [] }));
  });
  const dynamics = all.filter(({ name }) => dynamicPrivileges.includes(name)).map(({ name }) => name);
  const statics = all.filter(({ name }) => !dynamicPrivileges.includes(name));
  if (dynamics.length > 0 && level.kind !== 'global')
    refuse(3619, `Illegal privilege level specified for ${dynamics.join(',')}`);
  for (const { name, columns } of statics) {
    const at = columns.length > 0 ? 'c' : letter;
    if (columns.length > 0 && level.kind !== 'table') refuse(1144, 'Illegal GRANT/REVOKE command');
    if (!holdsAt(name, at))
      refuse(level.kind === 'table' ? 1144 : 1221, 'Incorrect usage of DB GRANT and GLOBAL PRIVILEGES');
  }
  return { statics, dynamics };
}

/** Rights in what does not exist are refused, but for a table that the grantee may make. */
function checkObject({ database: { objects } }: Session, level: Level, statics: readonly Privilege[]): void {
  if (level.kind === 'routine') {
    const there = objects.routines.has(objectKey(level.routine, level.database, level.name));
    if (!there) refuse(1305, `${level.routine} ${level.name} does not exist`);
  }
  if (level.kind !== 'table') return;
  const columns = objects.tables.get(objectKey(level.database, level.table));
  const named = statics.flatMap((one) => one.columns);
  if (columns === undefined && (named.length > 0 || !statics.some(({ name }) => name === 'CREATE'))) {
    refuse(1146, `Table '${level.database}.${level.table}' doesn't exist`);
  }
  const unknown = named.find((column) => columns?.has(column) === false);
  if (unknown !== undefined) refuse(1054, `Unknown column '${unknown}' in '${level.table}'`);
}

function give(
  { database }: Session,
  account: Account,
  level: Level,
  statics: readonly Privilege[],
  dynamics: readonly string[],
  option: boolean,
): void {
  for (const name of dynamics) account.dynamic.set(name, option || account.dynamic.get(name) === true);
  // The option of dynamic privileges is their own.
  const withOption = option && (statics.length > 0 || dynamics.length === 0);
  const names = [
    ...statics.filter(({ columns }) => columns.length === 0).map(({ name }) => name),
    ...(withOption ? ['GRANT OPTION'] : []),
  ];
  switch (level.kind) {
    case 'global':
      for (const name of names) account.global.add(name);
      for (const [key, restricted] of account.restrictions) {
        for (const name of names) restricted.delete(name);
        if (restricted.size === 0) account.restrictions.delete(key);
      }
      return;
    case 'database': {
      const restricted = account.restrictions.get(level.database);
      const lifted = names.filter((name) => database.settings.partialRevokes && restricted?.delete(name));
      if (restricted?.size === 0) account.restrictions.delete(level.database);
      addAll(
        account.databases,
        level.database,
        names.filter((name) => !lifted.includes(name)),
      );
      return;
    }
    case 'table': {
      const key = objectKey(level.database, level.table);
      const rights = account.tables.get(key) ?? { privileges: new Set(), columns: new Map() };
      for (const name of names) rights.privileges.add(name);
      for (const { name, columns } of statics) for (const column of columns) addAll(rights.columns, column, [name]);
      if (rights.privileges.size + rights.columns.size > 0) account.tables.set(key, rights);
      return;
    }
    case 'routine':
      addAll(account.routines, objectKey(level.routine, level.database, level.name), names);
  }
}

function take(
  { database }: Session,
  account: Account,
  level: Level,
  statics: readonly Privilege[],
  dynamics: readonly string[],
): void {
  for (const name of dynamics) account.dynamic.delete(name);
  const names = statics.filter(({ columns }) => columns.length === 0).map(({ name }) => name);
  switch (level.kind) {
    case 'global':
      for (const name of names) account.global.delete(name);
      // Alone, it is taken from the dynamic privileges, too.
      if (names.length === 1 && names[0] === 'GRANT OPTION')
        for (const one of account.dynamic.keys()) account.dynamic.set(one, false);
      for (const [key, restricted] of account.restrictions) {
        for (const name of names) restricted.delete(name);
        if (restricted.size === 0) account.restrictions.delete(key);
      }
      return;
    case 'database': {
      const partial = names.filter((name) => name !== 'GRANT OPTION' && account.global.has(name));
      const held = account.databases.get(level.database);
      const restricts = database.settings.partialRevokes && partial.length > 0;
      if (held === undefined && !restricts) noSuchGrant(account);
      removeAll(account.databases, level.database, names);
      if (restricts) addAll(account.restrictions, level.database, partial);
      return;
    }
    case 'table':
      takeInTable(account, objectKey(level.database, level.table), statics);
      return;
    case 'routine': {
      const key = objectKey(level.routine, level.database, level.name);
      if (!account.routines.has(key)) {
        refuse(1403, `There is no such grant defined for user ${shown(account)} on routine '${level.name}'`);
      }
      removeAll(account.routines, key, names);
    }
  }
}

function takeInTable(account: Account, key: string, statics: readonly Privilege[]): void {
  const rights = account.tables.get(key);
  if (rights === undefined) refuse(1147, `There is no such grant defined for user ${shown(account)} on table`);
  for (const { name, columns } of statics) {
    if (columns.length === 0) {
      rights.privileges.delete(name);
      // A right in the table takes the same in its columns along.
      for (const column of [...rights.columns.keys()]) removeAll(rights.columns, column, [name]);
    }
    for (const column of columns) removeAll(rights.columns, column, [name]);
  }
  if (rights.privileges.size + rights.columns.size === 0) account.tables.delete(key);
}

function addAll(into: Map<string, Set<string>>, key: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const held = into.get(key) ?? new Set();
  for (const name of names) held.add(name);
  into.set(key, held);
}

function removeAll(from: Map<string, Set<string>>, key: string, names: readonly string[]): void {
  const held = from.get(key);
  for (const name of names) held?.delete(name);
  if (held?.size === 0) from.delete(key);
}
