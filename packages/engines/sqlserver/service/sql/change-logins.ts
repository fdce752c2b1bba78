import { randomBytes } from 'node:crypto';
import { hasServerPermission, isSysadmin, loginHasServerPermission, rolesOf } from '../model/authority.ts';
import { login as newLogin, role as newRole, saId } from '../model/initial-state.ts';
import { sameName } from '../model/names.ts';
import { hashPassword, isHash, isPassword } from '../model/password-hash.ts';
import { checkPassword } from '../model/password-policy.ts';
import type { ServerPrincipal } from '../model/server-state.ts';
import { currentLogin, type Session } from '../model/session.ts';
import { cannotFind, notPermitted, SqlError } from '../model/sql-error.ts';
import type { Options, Statement } from './statements.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

/** The login or role of the server with this name. */
export function findPrincipal({ state }: Session, name: string): ServerPrincipal | undefined {
  return state.principals.find((each) => sameName(each.name, name));
}

function replace(session: Session, id: number, more: Partial<ServerPrincipal>): void {
  const { state } = session;
  state.principals = state.principals.map((each) => (each.id === id ? { ...each, ...more } : each));
}

export function createLogin(session: Session, { name, options }: Of<'create login'>): void {
  if (!hasServerPermission(session, 'ALTER ANY LOGIN')) throw notPermitted();
  const { state } = session;
  if (findPrincipal(session, name) !== undefined)
    throw new SqlError(15025, `The server principal '${name}' already exists.`);
  const password = options.get('PASSWORD');
  if (typeof password !== 'string' || options.has('OLD_PASSWORD'))
    throw new SqlError(102, "Incorrect syntax near 'PASSWORD'.", 15);
  const sid = options.get('SID') ?? `0x${randomBytes(16).toString('hex').toUpperCase()}`;
  if (!/^0x[0-9A-F]{32}$/.test(sid)) throw new SqlError(15419, 'Supplied parameter sid should be binary(16).');
  if (state.principals.some((each) => each.sid === sid)) throw new SqlError(15433, 'Supplied parameter sid is in use.');
  const id = nextId(session);
  const made: ServerPrincipal = {
    ...newLogin(id, name, sid),
    ...settings(session, options, { checkPolicy: true, checkExpiration: false }),
  };
  const hashed = options.has('HASHED');
  if (hashed) checkHash(made, password);
  else checkPassword(made, password);
  const passwordHash = hashed ? password : hashPassword(password);
  state.principals = [...state.principals, { ...made, passwordHash, mustChange: options.has('MUST_CHANGE') }];
  const connect = {
    class: 100,
    major: 0,
    minor: 0,
    grantee: id,
    grantor: saId,
    name: 'CONNECT SQL',
    state: 'G',
  } as const;
  state.permissions = state.permissions.with(connect);
}

/** No policy can look into a hash (ALTER LOGIN, Remarks). */
function checkHash({ checkPolicy }: ServerPrincipal, hash: string): void {
  if (checkPolicy) throw new SqlError(15118, 'Password validation failed. The HASHED option needs CHECK_POLICY = OFF.');
  if (!isHash(hash)) throw new SqlError(15021, 'Invalid value given for parameter PASSWORD.');
}

function nextId({ state }: Session): number {
  state.nextId += 1;
  return state.nextId;
}

type LoginSettings = Pick<ServerPrincipal, 'checkPolicy' | 'checkExpiration'> &
  Partial<Pick<ServerPrincipal, 'defaultDatabase' | 'defaultLanguage'>>;

/** CHECK_POLICY brings CHECK_EXPIRATION with it, unless that is said, too (ALTER LOGIN, Remarks). */
function settings(
  { state }: Session,
  options: Options,
  now: Pick<ServerPrincipal, 'checkPolicy' | 'checkExpiration'>,
): LoginSettings {
  const asked = (option: string) => (options.has(option) ? options.get(option) === 'ON' : undefined);
  const checkPolicy = asked('CHECK_POLICY') ?? now.checkPolicy;
  const switched = checkPolicy !== now.checkPolicy;
  const checkExpiration = asked('CHECK_EXPIRATION') ?? (switched ? checkPolicy : now.checkExpiration);
  if (checkExpiration && !checkPolicy) {
    throw new SqlError(15122, 'The CHECK_EXPIRATION option cannot be used when CHECK_POLICY is OFF.');
  }
  const database = options.get('DEFAULT_DATABASE');
  if (typeof database === 'string' && !state.databases.some(({ name }) => sameName(name, database))) {
    throw new SqlError(15010, `The database '${database}' does not exist. Supply a valid database name.`);
  }
  const language = options.get('DEFAULT_LANGUAGE');
  if (
    typeof language === 'string' &&
    !['us_english', 'Deutsch', 'Français', 'British'].some((each) => sameName(each, language))
  ) {
    throw new SqlError(15033, `'${language}' is not a valid official language name.`);
  }
  return {
    checkPolicy,
    checkExpiration,
    ...(typeof database === 'string' ? { defaultDatabase: database } : {}),
    ...(typeof language === 'string' ? { defaultLanguage: language } : {}),
  };
}

/** The login, if this session may change it in this way. */
function loginToAlter(session: Session, name: string, self: boolean, privileged: boolean): ServerPrincipal {
  const found = findPrincipal(session, name);
  const me = currentLogin(session);
  if (found === undefined || found.type !== 'S') throw cannotFind('alter', 'login', name);
  if (self && me?.id === found.id) return found;
  const isHigh = isSysadmin(session, found.id) || loginHasServerPermission(session, found.id, 'CONTROL SERVER');
  const allowed = hasServerPermission(session, privileged && isHigh ? 'CONTROL SERVER' : 'ALTER ANY LOGIN');
  if (!allowed) throw cannotFind('alter', 'login', name);
  return found;
}

export function alterLogin(session: Session, { name, options }: Of<'alter login'>): void {
  // HASHED the server takes here, too, but nobody asks this one.
  if (['SID', 'LOGIN', 'HASHED'].some((each) => options.has(each)))
    throw new SqlError(102, "Incorrect syntax near 'SID'.", 15);
  const password = options.get('PASSWORD');
  const old = options.get('OLD_PASSWORD');
  const changesPolicy = options.has('CHECK_POLICY') || options.has('CHECK_EXPIRATION');
  // One's own password takes the old one; everything that others may not see does, too.
  const own = (typeof password !== 'string' || typeof old === 'string') && !changesPolicy && !options.has('UNLOCK');
  const found = loginToAlter(session, name, own, (typeof password === 'string' && old === undefined) || changesPolicy);
  const set = settings(session, options, found);
  if (typeof password !== 'string') {
    replace(session, found.id, set);
    return;
  }
  if (typeof old === 'string' && !isPassword(found.passwordHash, old)) throw cannotFind('alter', 'login', name);
  checkPassword({ ...found, ...set }, password);
  const unlocks = options.has('UNLOCK');
  replace(session, found.id, {
    ...set,
    passwordHash: hashPassword(password),
    mustChange: options.has('MUST_CHANGE'),
    expired: false,
    ...(unlocks ? { badPasswords: 0 } : {}),
  });
}

export function switchLogin(session: Session, { name, enabled }: Of<'switch login'>): void {
  const found = loginToAlter(session, name, false, true);
  replace(session, found.id, { disabled: !enabled });
}

export function changeCredential(session: Session, { name, credential, adds }: Of<'login credential'>): void {
  const found = loginToAlter(session, name, false, false);
  if (!hasServerPermission(session, 'ALTER ANY CREDENTIAL')) throw cannotFind('find', 'credential', credential);
  const { state } = session;
  const known = state.credentials.find((each) => sameName(each.name, credential));
  if (known === undefined) throw cannotFind('find', 'credential', credential);
  const others = state.loginCredentials.filter((each) => each.login !== found.id || each.credential !== known.id);
  state.loginCredentials = adds ? [...others, { login: found.id, credential: known.id }] : others;
}

export function createServerRole(session: Session, { name, owner }: Of<'create server role'>): void {
  if (!hasServerPermission(session, 'CONTROL SERVER')) throw notPermitted();
  if (findPrincipal(session, name) !== undefined)
    throw new SqlError(15025, `The server principal '${name}' already exists.`);
  const owning = owner === undefined ? saId : findPrincipal(session, owner)?.id;
  if (owning === undefined) throw cannotFind('find', 'login', owner ?? '');
  const { state } = session;
  state.principals = [...state.principals, { ...newRole(nextId(session), name, false), owner: owning }];
}

export function changeServerRole(session: Session, { role, member, adds }: Of<'role member'>): void {
  const found = findPrincipal(session, role);
  const me = currentLogin(session);
  if (found === undefined || found.type !== 'R' || sameName(role, 'public'))
    throw cannotFind('alter', 'server role', role);
  const mine = me === undefined ? new Set<number>() : rolesOf(session.state.members, me.id);
  const allowed = found.fixed
    ? me !== undefined && (isSysadmin(session, me.id) || mine.has(found.id))
    : hasServerPermission(session, 'ALTER ANY SERVER ROLE') || found.owner === me?.id;
  if (!allowed) throw cannotFind('alter', 'server role', role);
  const who = findPrincipal(session, member);
  if (who === undefined || who.fixed || who.id === saId) throw cannotFind(adds ? 'find' : 'find', 'login', member);
  const { state } = session;
  const others = state.members.filter((each) => each.role !== found.id || each.member !== who.id);
  state.members = adds ? [...others, { role: found.id, member: who.id }] : others;
}

export function dropPrincipal(session: Session, what: 'LOGIN' | 'SERVER ROLE', name: string): void {
  const found = findPrincipal(session, name);
  const kind = what === 'LOGIN' ? 'login' : 'server role';
  if (found === undefined || found.fixed || found.type !== (what === 'LOGIN' ? 'S' : 'R'))
    throw cannotFind('drop', kind, name);
  if (!hasServerPermission(session, what === 'LOGIN' ? 'ALTER ANY LOGIN' : 'ALTER ANY SERVER ROLE'))
    throw cannotFind('drop', kind, name);
  const { state } = session;
  if (state.databases.some(({ ownerSid }) => ownerSid === found.sid)) {
    throw new SqlError(
      15174,
      `Login '${name}' owns one or more database(s). Change the owner of the database(s) before dropping the login.`,
    );
  }
  state.principals = state.principals.filter(({ id }) => id !== found.id);
  state.members = state.members.filter(({ member, role }) => member !== found.id && role !== found.id);
  state.permissions = state.permissions.without(
    (row) => row.grantee === found.id || (row.class === 101 && row.major === found.id),
  );
  state.loginCredentials = state.loginCredentials.filter(({ login }) => login !== found.id);
}
