import { patternCovers } from '@keyturn/driver-mysql2';
import { type Account, objectKey } from './account.ts';
import type { AccountName } from './cursor.ts';
import { type Database, keyOf, shown } from './database.ts';
import { refuse, refuseWithout } from './failure.ts';
import type { Session } from './session.ts';
import type { Level, Privilege } from './statement.ts';

/** What the session may do at a level: the wider levels count too. */
export function heldAt(session: Session, level: Level): ReadonlySet<string> {
  const held = new Set<string>();
  for (const account of session.holders)
    for (const privilege of ofAccount(account, level, session.database)) held.add(privilege);
  return held;
}

function ofAccount(account: Account, level: Level, { settings }: Database): readonly string[] {
  const found = new Set(account.global);
  if (level.kind === 'global') return [...found];
  const { database } = level;
  for (const privilege of account.restrictions.get(database) ?? []) found.delete(privilege);
  for (const [pattern, privileges] of account.databases) {
    const covers = settings.partialRevokes
      ? pattern === database
      : patternCovers(pattern, database, level.kind === 'database' ? 'pattern' : 'name');
    if (covers) for (const privilege of privileges) found.add(privilege);
  }
  if (level.kind === 'table') {
    for (const one of account.tables.get(objectKey(database, level.table))?.privileges ?? []) found.add(one);
  }
  if (level.kind === 'routine') {
    for (const one of account.routines.get(objectKey(level.routine, database, level.name)) ?? []) found.add(one);
  }
  return [...found];
}

/** Whether the session has a dynamic privilege. */
export function hasDynamic(session: Session, privilege: string): boolean {
  return session.isServer || session.holders.some(({ dynamic }) => dynamic.has(privilege));
}

/** Refuses who has none of these global privileges; `A or B` names several. */
export function needGlobal(session: Session, ...privileges: readonly string[]): void {
  if (session.isServer) return;
  const held = heldAt(session, { kind: 'global' });
  if (privileges.some((privilege) => held.has(privilege) || hasDynamic(session, privilege))) return;
  refuseWithout(privileges.join(' or '));
}

/** Whether the session may write into the grant tables, which stands in for many rights. */
export function mayUpdateMysql(session: Session): boolean {
  return session.isServer || heldAt(session, { kind: 'database', database: 'mysql' }).has('UPDATE');
}

/** What changes accounts needs this, or the right to write into the grant tables. */
export function needCreateUser(session: Session): void {
  if (!mayUpdateMysql(session)) needGlobal(session, 'CREATE USER');
}

/** Accounts with SYSTEM_USER are changed by their like only. */
export function needSystemUserFor(session: Session, accounts: readonly AccountName[]): void {
  if (session.isServer || !session.database.version.isAtLeast('8.0.16') || hasDynamic(session, 'SYSTEM_USER')) return;
  const protectedOnes = accounts.filter((name) => session.database.find(name)?.dynamic.has('SYSTEM_USER'));
  if (protectedOnes.some((name) => !session.isSelf(name))) refuseWithout('SYSTEM_USER');
}

/** Refuses who may not hand these on there. */
export function needGrantable(session: Session, level: Level, privileges: readonly Privilege[]): void {
  if (session.isServer) return;
  const held = heldAt(session, level);
  const single = (column: string): ReadonlySet<string> => {
    if (level.kind !== 'table') return new Set();
    const key = objectKey(level.database, level.table);
    return new Set(session.holders.flatMap(({ tables }) => [...(tables.get(key)?.columns.get(column) ?? [])]));
  };
  const lacks = ({ name, columns }: Privilege): boolean =>
    !held.has(name) && (columns.length === 0 || columns.some((column) => !single(column).has(name)));
  if (held.has('GRANT OPTION') && !privileges.some(lacks)) return;
  refuseGrant(shown(session.name ?? { user: '', host: '' }), level);
}

function refuseGrant(who: string, level: Level): never {
  switch (level.kind) {
    case 'global':
      return refuse(1045, `Access denied for user ${who} (using password: YES)`);
    case 'database':
      return refuse(1044, `Access denied for user ${who} to database '${level.database}'`);
    case 'table':
      return refuse(1142, `GRANT command denied to user ${who} for table '${level.table}'`);
    case 'routine':
      return refuse(1370, `grant command denied to user ${who} for routine '${level.database}.${level.name}'`);
  }
}

/** Refuses who may not hand a dynamic privilege on: that takes its own option, or the grant tables. */
export function needGrantableDynamic(session: Session, privileges: readonly string[]): void {
  if (mayUpdateMysql(session)) return;
  if (!privileges.every((name) => session.holders.some(({ dynamic }) => dynamic.get(name))))
    refuseWithout('GRANT OPTION');
}

/** Refuses who may not hand these roles out. */
export function needAdminOf(session: Session, roles: readonly AccountName[]): void {
  if (session.isServer || hasDynamic(session, 'ROLE_ADMIN') || heldAt(session, { kind: 'global' }).has('SUPER')) return;
  const admin = (role: AccountName) => session.holders.some(({ roles: held }) => held.get(keyOf(role)));
  if (!roles.every(admin)) refuseWithout('WITH ADMIN, ROLE_ADMIN, SUPER');
}

/** Refuses who may not let somebody act as this account. */
export function needProxyGrant(session: Session, on: AccountName): void {
  const { account } = session;
  if (session.isServer || session.isSelf(on)) return;
  const may = [...(account?.proxies ?? [])].some(([key, option]) => {
    const [user] = JSON.parse(key) as string[];
    return option && (user === '' || user === on.user);
  });
  if (!may) refuse(1698, `Access denied for user ${shown(session.name ?? on)}`);
}
