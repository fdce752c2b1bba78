import { mayConnect, userIn } from './model/authority.ts';
import { sameName } from './model/names.ts';
import { isPassword } from './model/password-hash.ts';
import { lockoutThreshold } from './model/password-policy.ts';
import type { DatabaseState, ServerPrincipal } from './model/server-state.ts';
import type { Identity, Session } from './model/session.ts';
import { SqlError } from './model/sql-error.ts';
import type { ServerCore } from './server-core.ts';
import type { ClientLogin } from './tds/login7.ts';

/** Who has logged in, and the database that the session begins in. */
export interface Authenticated {
  readonly identity: Identity;
  readonly databaseId: number;
}

/** Refused logins by name, as the server's own counter has them: a successful one does not reset it. */
export type RefusedLogins = Map<string, number>;

/**
 * Decides about a login, in the order in which the server does: a user whom the named database contains comes
 * before a login of the same name. @throws SqlError[] what the server answers, one after another
 */
export function authenticate(core: ServerCore, login: ClientLogin, refused: RefusedLogins): Authenticated {
  try {
    return decide(core, login);
  } catch (error) {
    if (error instanceof LoginRefused) {
      const key = login.user.toLowerCase();
      refused.set(key, (refused.get(key) ?? 0) + 1);
    }
    throw error;
  }
}

/** The answers to a login that is refused. */
export class LoginRefused extends Error {
  readonly errors: readonly SqlError[];

  constructor(...errors: readonly SqlError[]) {
    super('login refused');
    this.errors = errors;
  }
}

function decide(core: ServerCore, { user, password, database }: ClientLogin): Authenticated {
  const { state } = core;
  const named = state.databases.find((each) => sameName(each.name, database));
  const contained = named?.contained === true ? containedUser(named, user) : undefined;
  if (named !== undefined && contained !== undefined) {
    if (!isPassword(contained.passwordHash, password) || !mayConnect(named, contained.id)) throw failed(user);
    checkOpen(named, user);
    return { identity: { kind: 'contained', databaseId: named.id, userId: contained.id }, databaseId: named.id };
  }
  const login = state.principals.find((each) => each.type === 'S' && sameName(each.name, user));
  if (login === undefined) throw failed(user);
  checkLogin(login, password);
  if (!hasConnectSql(core, login)) throw failed(user);
  login.badPasswords = 0;
  const wanted = database === '' ? (login.defaultDatabase ?? 'master') : database;
  const identity: Identity = { kind: 'login', loginId: login.id };
  const found = state.databases.find((each) => sameName(each.name, wanted));
  const session: Session = { identity, databaseId: 1, state, abortsOnError: false, openTransactions: 0 };
  if (found === undefined || userIn(session, found) === undefined) throw cannotOpen(wanted, user);
  checkOpen(found, user);
  return { identity, databaseId: found.id };
}

function containedUser(database: DatabaseState, name: string) {
  return database.principals.find((each) => each.authentication === 2 && sameName(each.name, name));
}

/** A locked or disabled login is told only to whoever knows the password; a lock to everybody. */
function checkLogin(login: ServerPrincipal, password: string): void {
  const { name, checkPolicy } = login;
  if (checkPolicy && login.badPasswords >= lockoutThreshold) {
    throw refuse(18486, name, 'because the account is currently locked out. The system administrator can unlock it.');
  }
  if (!isPassword(login.passwordHash, password)) {
    login.badPasswords += 1;
    throw failed(name);
  }
  if (login.disabled) throw refuse(18470, name, 'Reason: The account is disabled.');
  if (login.mustChange) throw refuse(18488, name, 'Reason: The password of the account must be changed.');
  if (login.expired) throw refuse(18487, name, 'Reason: The password of the account has expired.');
}

function hasConnectSql({ state }: ServerCore, { id }: ServerPrincipal): boolean {
  const rows = state.permissions.of([id]).filter(({ name }) => name === 'CONNECT SQL');
  return rows.some((row) => row.state !== 'D') && !rows.some((row) => row.state === 'D');
}

function checkOpen(database: DatabaseState, user: string): void {
  if (database.state !== 'ONLINE') throw cannotOpen(database.name, user);
}

function failed(user: string): LoginRefused {
  return new LoginRefused(new SqlError(18456, `Login failed for user '${user}'.`, 14));
}

function refuse(number: number, user: string, why: string): LoginRefused {
  return new LoginRefused(new SqlError(number, `Login failed for user '${user}'. ${why}`, 14));
}

function cannotOpen(database: string, user: string): LoginRefused {
  return new LoginRefused(
    new SqlError(4060, `Cannot open database "${database}" requested by the login. The login failed.`, 11),
    new SqlError(18456, `Login failed for user '${user}'.`, 14),
  );
}
