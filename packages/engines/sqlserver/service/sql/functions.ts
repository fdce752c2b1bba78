import { hasDatabasePermission, hasServerPermission, isSysadmin, ownsDatabase, userIn } from '../model/authority.ts';
import { guestId } from '../model/initial-state.ts';
import { sameName } from '../model/names.ts';
import { lockoutThreshold } from '../model/password-policy.ts';
import { currentDatabase, currentLogin, originalLogin, type Session } from '../model/session.ts';
import { SqlError } from '../model/sql-error.ts';
import type { Value } from './expression.ts';

interface SqlFunction {
  readonly takes: number;
  call(session: Session, args: readonly Value[]): Value;
}

/** The built-in functions that this server knows, by name. */
export const functions: ReadonlyMap<string, SqlFunction> = new Map<string, SqlFunction>([
  ['ORIGINAL_LOGIN', { takes: 0, call: originalLogin }],
  ['SUSER_SNAME', { takes: 0, call: originalLogin }],
  ['DB_NAME', { takes: 0, call: (session) => currentDatabase(session).name }],
  ['DATABASE_PRINCIPAL_ID', { takes: 0, call: (session) => userIn(session, currentDatabase(session)) ?? guestId }],
  ['@@TRANCOUNT', { takes: 0, call: ({ openTransactions }) => openTransactions }],
  ['HAS_DBACCESS', { takes: 1, call: hasAccess }],
  ['DATABASEPROPERTYEX', { takes: 2, call: databaseProperty }],
  ['LOGINPROPERTY', { takes: 2, call: loginProperty }],
  ['HAS_PERMS_BY_NAME', { takes: 3, call: hasPermission }],
]);

function hasAccess(session: Session, [name]: readonly Value[]): Value {
  const found = session.state.databases.find((each) => sameName(each.name, String(name)));
  if (found === undefined) return null;
  return found.state === 'ONLINE' && userIn(session, found) !== undefined ? 1 : 0;
}

function databaseProperty(session: Session, [name, property]: readonly Value[]): Value {
  const found = session.state.databases.find((each) => sameName(each.name, String(name)));
  if (found === undefined || !sameName(String(property), 'Updateability')) return null;
  return found.readOnly ? 'READ_ONLY' : 'READ_WRITE';
}

function loginProperty(session: Session, [name, property]: readonly Value[]): Value {
  const found = session.state.principals.find((each) => each.type === 'S' && sameName(each.name, String(name)));
  if (found === undefined || !sameName(String(property), 'IsLocked')) return null;
  // Of others, only whoever administers them learns it.
  if (currentLogin(session)?.id !== found.id && !hasServerPermission(session, 'ALTER ANY LOGIN')) return null;
  return found.checkPolicy && found.badPasswords >= lockoutThreshold ? 1 : 0;
}

function hasPermission(session: Session, [securable, kind, permission]: readonly Value[]): Value {
  const asked = String(permission).toUpperCase();
  if (securable === null) return hasServerPermission(session, asked) ? 1 : 0;
  if (kind === null) throw new SqlError(0, 'a securable without its class');
  const name = String(securable).replace(/^\[(.*)\]$/s, (_, inner: string) => inner.replaceAll(']]', ']'));
  if (sameName(String(kind), 'DATABASE')) {
    const found = session.state.databases.find((each) => sameName(each.name, name));
    if (found === undefined || userIn(session, found) === undefined) return null;
    return hasDatabasePermission(session, found, asked) ? 1 : 0;
  }
  const msdb = session.state.databases.find((each) => each.name === 'msdb');
  if (sameName(name, 'msdb.dbo.sysjobs') && msdb !== undefined) {
    const login = currentLogin(session);
    return (login !== undefined && isSysadmin(session, login.id)) || ownsDatabase(session, msdb) ? 1 : 0;
  }
  return null;
}
