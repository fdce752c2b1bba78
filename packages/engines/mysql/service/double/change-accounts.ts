import { type Account, limitNames } from './account.ts';
import { checkVerifier, isInternal, isPassword, verifierOf } from './credentials.ts';
import type { AccountName } from './cursor.ts';
import { keyOf, shown } from './database.ts';
import { refuse, refuseWithout } from './failure.ts';
import {
  hasDynamic,
  heldAt,
  mayUpdateMysql,
  needAdminOf,
  needCreateUser,
  needGlobal,
  needSystemUserFor,
} from './rights.ts';
import type { Session } from './session.ts';
import type { AuthChange, Conditions, Statement } from './statement.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

export function createUser(
  session: Session,
  { accounts, conditions, tolerant, defaultRoles }: Of<'create-user'>,
): void {
  const { database } = session;
  needGlobal(session, 'CREATE USER');
  const names = accounts.map((one) => named(session, one));
  for (const name of names) checkName(session, name);
  const there = names.filter((name) => database.find(name) !== undefined);
  if (there.length > 0 && !tolerant) refuse(1396, `Operation CREATE USER failed for ${there.map(shown).join(',')}`);
  checkDefiners(session, names, 'CREATE USER');
  if (defaultRoles.length > 0) needAdminOf(session, defaultRoles);
  const made = accounts.filter((one) => database.find(named(session, one)) === undefined);
  // All of it is checked before any of it is done.
  const credentials = made.map((one) => newCredential(session, one, undefined));
  for (const [index, change] of made.entries()) {
    const credential = credentials[index] ?? refuse(1105, 'Unknown error');
    const account = database.make(named(session, change), credential.plugin);
    remember(account, credential.verifier);
    applyConditions(account, conditions);
    for (const role of defaultRoles) {
      account.roles.set(keyOf(role), account.roles.get(keyOf(role)) ?? false);
      account.defaultRoles.add(keyOf(role));
    }
  }
}

export function createRole(session: Session, { accounts, ifNotExists }: Of<'create-role'>): void {
  needGlobal(session, 'CREATE USER', 'CREATE ROLE');
  for (const name of accounts) {
    if (session.database.find(name) !== undefined) {
      if (ifNotExists) continue;
      refuse(1396, `Operation CREATE ROLE failed for ${shown(name)}`);
    }
    const role = session.database.make(name, session.database.version.plugins[0] ?? '');
    role.locked = true;
    role.expired = true;
  }
}

export function alterUser(session: Session, statement: Of<'alter-user'>): void {
  const { accounts, conditions, tolerant } = statement;
  const { database } = session;
  const onlyPassword = Object.keys(conditions).length === 0;
  const names = accounts.map((one) => named(session, one));
  needSystemUserFor(session, names);
  for (const [index, change] of accounts.entries()) {
    const self = session.isSelf(names[index] as AccountName);
    const own =
      self && ((onlyPassword && change.password !== undefined && change.plugin === undefined) || change.discard);
    if (!own) needCreateUser(session);
    else if (change.retain || change.discard) needSecondPassword(session);
  }
  const found = accounts.map((change, index) => ({ change, account: database.find(names[index] as AccountName) }));
  const missing = names.filter((name) => database.find(name) === undefined);
  if (missing.length > 0 && !tolerant) refuse(1396, `Operation ALTER USER failed for ${missing.map(shown).join(',')}`);
  const changes = found.flatMap(({ change, account }) =>
    account === undefined ? [] : [{ change, account, credential: newCredential(session, change, account) }],
  );
  for (const { change, account, credential } of changes) {
    applyCredential(account, change, credential);
    applyConditions(account, conditions);
  }
}

export function setPassword(session: Session, statement: Of<'set-password'>): void {
  const account = session.database.find(
    statement.account ?? session.name ?? refuse(1133, "Can't find any matching row"),
  );
  if (account === undefined) refuse(1133, "Can't find any matching row in the user table");
  if (!session.isSelf(account) && !mayUpdateMysql(session)) {
    refuse(1044, `Access denied for user ${shown(session.name ?? account)} to database 'mysql'`);
  }
  needSystemUserFor(session, [account]);
  if (statement.retain && session.isSelf(account)) needSecondPassword(session);
  const change: AuthChange = {
    account,
    self: session.isSelf(account),
    discard: false,
    retain: statement.retain,
    ...(statement.password === undefined ? {} : { password: statement.password }),
    ...(statement.hash === undefined ? {} : { verifier: statement.hash }),
    ...(statement.replace === undefined ? {} : { replace: statement.replace }),
  };
  if (!isInternal(account.plugin)) refuse(1699, 'SET PASSWORD has no significance for this authentication plugin');
  if (statement.hash !== undefined && account.plugin !== 'mysql_native_password')
    checkVerifier(account.plugin, statement.hash);
  applyCredential(account, change, newCredential(session, change, account));
}

export function dropUser(session: Session, { accounts, ifExists }: Of<'drop-user'>): void {
  needGlobal(session, 'CREATE USER');
  needSystemUserFor(session, accounts);
  const missing = accounts.filter((name) => session.database.find(name) === undefined);
  if (missing.length > 0 && !ifExists) refuse(1396, `Operation DROP USER failed for ${missing.map(shown).join(',')}`);
  checkDefiners(session, accounts, 'DROP USER');
  for (const name of accounts) session.database.drop(name);
}

export function setDefaultRoles(session: Session, { account: name, roles }: Of<'default-roles'>): void {
  if (!session.isSelf(name)) needCreateUser(session);
  const account =
    session.database.find(name) ?? refuse(3523, `Unknown authorization ID \`${name.user}\`@\`${name.host}\``);
  const chosen = roles === 'ALL' ? [...account.roles.keys()] : roles.map(keyOf);
  for (const key of chosen) {
    if (!account.roles.has(key)) refuse(3530, `${key} is not granted to ${shown(account)}`);
  }
  account.defaultRoles.clear();
  for (const key of chosen) account.defaultRoles.add(key);
}

function named(session: Session, { account }: AuthChange): AccountName {
  return account ?? session.name ?? refuse(1105, 'the server itself has no account');
}

function checkName({ database }: Session, { user, host }: AccountName): void {
  const longest = database.version.isAtLeast('5.7.8') ? 32 : 16;
  if ([...user].length > longest)
    refuse(1470, `String '${user}' is too long for user name (should be no longer than ${longest})`);
  if ([...host].length > (database.version.isAtLeast('8.0.17') ? 255 : 60))
    refuse(1470, `String '${host}' is too long for host name`);
}

function checkDefiners(session: Session, names: readonly AccountName[], operation: string): void {
  const found = names.find((name) => session.database.objects.definers.has(keyOf(name)));
  if (found === undefined || !session.database.version.isAtLeast('8.0.22') || hasDynamic(session, 'SET_USER_ID'))
    return;
  refuse(4006, `Operation ${operation} failed for ${shown(found)} as it is referenced as a definer account in a view.`);
}

/** Who keeps a second password of their own. */
function needSecondPassword(session: Session): void {
  if (mayUpdateMysql(session) || heldAt(session, { kind: 'global' }).has('CREATE USER')) return;
  if (!hasDynamic(session, 'APPLICATION_PASSWORD_ADMIN')) refuseWithout('CREATE USER or APPLICATION_PASSWORD_ADMIN');
}

interface Credential {
  readonly plugin: string;
  readonly verifier: string;
  readonly changes: boolean;
}

/** What the account is to keep; refuses before anything is changed. */
function newCredential(session: Session, change: AuthChange, account: Account | undefined): Credential {
  const { database } = session;
  const plugin = database.plugin(
    change.nativeHash === undefined
      ? (change.plugin ?? account?.plugin ?? database.version.plugins[0] ?? '')
      : 'mysql_native_password',
  );
  const given = change.verifier ?? change.nativeHash;
  if (change.retain && account !== undefined) {
    if (plugin !== account.plugin)
      refuse(3894, 'Current password can not be retained because authentication plugin is being changed.');
    if (account.verifier === '') refuse(3878, 'Empty password can not be retained as second password.');
  }
  if (change.password !== undefined) checkPassword(database.settings.validatePasswordLength, change.password);
  if (change.password !== undefined && account !== undefined) checkHistory(account, change.password);
  if (account !== undefined && (change.password !== undefined || given !== undefined)) {
    checkCurrent(session, change, account);
  }
  if (given !== undefined) {
    checkVerifier(plugin, given);
    return { plugin, verifier: given, changes: true };
  }
  if (change.password !== undefined) return { plugin, verifier: verifierOf(plugin, change.password), changes: true };
  const stays = account !== undefined && change.plugin === undefined;
  return { plugin, verifier: stays ? account.verifier : '', changes: !stays };
}

function applyCredential(account: Account, change: AuthChange, { plugin, verifier, changes }: Credential): void {
  if (change.discard) account.secondVerifier = undefined;
  if (!changes) return;
  if (plugin !== account.plugin) account.secondVerifier = undefined;
  if (change.retain) account.secondVerifier = account.verifier;
  account.plugin = plugin;
  account.expired = change.password === undefined && change.verifier === undefined && isInternal(plugin);
  remember(account, verifier);
}

function remember(account: Account, verifier: string): void {
  account.verifier = verifier;
  if (verifier !== '') account.passwordHistory.push(verifier);
}

function checkPassword(shortest: number, password: string): void {
  if (password.length < shortest) refuse(1819, 'Your password does not satisfy the current policy requirements');
}

function checkHistory(account: Account, password: string): void {
  const { history, plugin, passwordHistory } = account;
  const kept = history === null || history === 0 ? [] : passwordHistory.slice(-history);
  if (!kept.some((verifier) => isPassword(plugin, verifier, password))) return;
  refuse(
    3638,
    `Cannot use these credentials for '${account.user}@${account.host}' because they contradict the password history policy`,
  );
}

/** REPLACE is compared with the first password, and only who changes their own may say it. */
function checkCurrent(session: Session, change: AuthChange, account: Account): void {
  if (change.replace !== undefined) {
    if (!session.isSelf(account))
      refuse(3893, 'Do not specify the current password while changing it for other users.');
    if (!isPassword(account.plugin, account.verifier, change.replace)) {
      refuse(3891, 'Incorrect current password. Specify the correct password which has to be replaced.');
    }
    return;
  }
  const privileged = mayUpdateMysql(session) || heldAt(session, { kind: 'global' }).has('CREATE USER');
  const { passwordRequireCurrent } = session.database.settings;
  const asks = account.requireCurrent === 'Y' || (account.requireCurrent === null && passwordRequireCurrent);
  if (asks && !privileged)
    refuse(3892, 'Current password needs to be specified in the REPLACE clause in order to change it.');
}

/** Gives the account what the clauses say. */
export function applyConditions(account: Account, conditions: Conditions): void {
  const { tls, limits, expired, lifetime, locked, attribute } = conditions;
  if (tls !== undefined) account.tls = tls;
  for (const name of limitNames) account.limits[name] = limits?.[name] ?? account.limits[name];
  if (expired) account.expired = true;
  if (lifetime !== undefined) account.lifetime = lifetime;
  if (locked !== undefined) account.locked = locked;
  if (locked === false) account.refusedInARow = 0;
  if (conditions.history !== undefined) account.history = conditions.history;
  if (conditions.reuseDays !== undefined) account.reuseDays = conditions.reuseDays;
  if (conditions.requireCurrent !== undefined) account.requireCurrent = conditions.requireCurrent;
  if (conditions.failedLoginAttempts !== undefined) account.failedLoginAttempts = conditions.failedLoginAttempts;
  if (conditions.passwordLockDays !== undefined) account.passwordLockDays = conditions.passwordLockDays;
  if (attribute !== undefined) account.metadata = merged(account.metadata ?? {}, attribute);
}

/** As JSON_MERGE_PATCH: null takes a name away, and an object is merged. */
function merged(into: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const result = { ...into };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else if (isObject(value)) result[name] = merged(isObject(result[name]) ? result[name] : {}, value);
    else result[name] = value;
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
