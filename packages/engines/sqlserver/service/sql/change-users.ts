import { randomBytes } from 'node:crypto';
import { hasDatabasePermission, here, isInFixedRole, ownsDatabase, rolesOf } from '../model/authority.ts';
import { dboId, user as newUser } from '../model/initial-state.ts';
import { sameName } from '../model/names.ts';
import { hashPassword, isPassword } from '../model/password-hash.ts';
import { checkPassword } from '../model/password-policy.ts';
import type { DatabasePrincipal, DatabaseState } from '../model/server-state.ts';
import { containedUser, type Session } from '../model/session.ts';
import { cannotFind, notPermitted, SqlError } from '../model/sql-error.ts';
import { dropPrincipal, findPrincipal } from './change-logins.ts';
import type { Options, Statement } from './statements.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

/** The user or role of this name in the session's database. */
export function findUser(database: DatabaseState, name: string): DatabasePrincipal | undefined {
  return database.principals.find((each) => sameName(each.name, name));
}

export function createUser(session: Session, { name, login, without, options }: Of<'create user'>): void {
  const { database } = here(session);
  if (!hasDatabasePermission(session, database, 'ALTER ANY USER')) throw notPermitted();
  checkWritable(database);
  if (findUser(database, name) !== undefined) {
    throw new SqlError(15023, `User, group, or role '${name}' already exists in the current database.`);
  }
  const password = options.get('PASSWORD');
  const contained = typeof password === 'string';
  if (contained && (login !== undefined || without)) throw new SqlError(102, "Incorrect syntax near 'PASSWORD'.", 15);
  if (contained && !database.contained) {
    throw new SqlError(33233, 'You can only create a user with a password in a contained database.');
  }
  const sid = contained
    ? containedSid(database, options)
    : loginSid(session, database, without ? undefined : (login ?? name));
  const id = nextDatabaseId(database);
  const made = newUser(id, name, {
    sid,
    authentication: contained ? 2 : without ? 0 : 1,
    ...userSettings(options, contained),
    ...(contained ? { passwordHash: hashPassword(password) } : {}),
  });
  if (contained) checkPassword({ name, checkPolicy: true, history: [] }, password);
  database.principals = [...database.principals, made];
  const connect = { class: 0, major: 0, minor: 0, grantee: id, grantor: dboId, name: 'CONNECT', state: 'G' } as const;
  database.permissions = database.permissions.with(connect);
}

function nextDatabaseId(database: DatabaseState): number {
  const used = database.principals.filter(({ id }) => id < 16_384).map(({ id }) => id);
  return Math.max(4, ...used.slice(-1), ...used) + 1;
}

function containedSid(database: DatabaseState, options: Options): string {
  const sid = options.get('SID') ?? `0x010500000000000903000000${randomBytes(16).toString('hex').toUpperCase()}`;
  if (!/^0x010500000000000903000000[0-9A-F]{32}$/.test(sid))
    throw new SqlError(15419, 'Supplied parameter sid should be binary(28).');
  if (database.principals.some((each) => each.sid === sid))
    throw new SqlError(15433, 'Supplied parameter sid is in use.');
  return sid;
}

function loginSid(session: Session, database: DatabaseState, login: string | undefined): string {
  if (login === undefined) return `0x${randomBytes(28).toString('hex').toUpperCase()}`;
  const found = findPrincipal(session, login);
  if (found === undefined || found.type !== 'S') {
    throw new SqlError(15007, `'${login}' is not a valid login or you do not have permission.`);
  }
  if (database.principals.some((each) => each.sid === found.sid)) {
    throw new SqlError(15063, 'The login already has an account under a different user name.');
  }
  return found.sid;
}

function userSettings(
  options: Options,
  contained: boolean,
): Partial<Pick<DatabasePrincipal, 'defaultSchema' | 'defaultLanguage' | 'encryptedModifications'>> {
  if (options.has('DEFAULT_LANGUAGE') && !contained) {
    throw new SqlError(
      33234,
      'The parameter DEFAULT_LANGUAGE cannot be provided for users in a database that is not contained.',
    );
  }
  // A schema that does not exist may be a default.
  return {
    ...(options.has('DEFAULT_SCHEMA') ? { defaultSchema: options.get('DEFAULT_SCHEMA') ?? 'dbo' } : {}),
    ...(options.has('DEFAULT_LANGUAGE') ? { defaultLanguage: options.get('DEFAULT_LANGUAGE') ?? null } : {}),
    ...(options.has('ALLOW_ENCRYPTED_VALUE_MODIFICATIONS')
      ? { encryptedModifications: options.get('ALLOW_ENCRYPTED_VALUE_MODIFICATIONS') === 'ON' }
      : {}),
  };
}

export function alterUser(session: Session, { name, options }: Of<'alter user'>): void {
  const { database } = here(session);
  const found = findUser(database, name);
  if (found === undefined || found.type !== 'S' || found.id <= 4) throw cannotFind('alter', 'user', name);
  const password = options.get('PASSWORD');
  const old = options.get('OLD_PASSWORD');
  const me = containedUser(session);
  const isMine = me?.id === found.id && typeof password === 'string' && typeof old === 'string' && !options.has('SID');
  if (!isMine && !hasDatabasePermission(session, database, 'ALTER ANY USER')) throw cannotFind('alter', 'user', name);
  checkWritable(database);
  let more: Partial<DatabasePrincipal> = userSettings(options, found.authentication === 2);
  if (typeof password === 'string') {
    if (found.authentication !== 2)
      throw new SqlError(
        15151,
        `Cannot alter the user '${name}', because it does not exist or you do not have permission.`,
      );
    if (typeof old === 'string' && !isPassword(found.passwordHash, old)) throw cannotFind('alter', 'user', name);
    checkPassword({ name, checkPolicy: true, history: [] }, password);
    more = { ...more, passwordHash: hashPassword(password) };
  }
  const login = options.get('LOGIN');
  if (typeof login === 'string') more = { ...more, sid: loginSid(session, database, login) };
  database.principals = database.principals.map((each) => (each.id === found.id ? { ...each, ...more } : each));
}

export function createRole(session: Session, { name, owner }: Of<'create role'>): void {
  const { database } = here(session);
  if (!hasDatabasePermission(session, database, 'ALTER ANY ROLE') && !ownsDatabase(session, database))
    throw notPermitted();
  checkWritable(database);
  if (findUser(database, name) !== undefined) {
    throw new SqlError(15023, `User, group, or role '${name}' already exists in the current database.`);
  }
  const owning = owner === undefined ? dboId : findUser(database, owner)?.id;
  if (owning === undefined) throw cannotFind('find', 'user', owner ?? '');
  const made = newUser(nextDatabaseId(database), name, { type: 'R', authentication: 0, sid: null });
  database.principals = [...database.principals, { ...made, owner: owning }];
}

export function changeRole(session: Session, { role, member, adds }: Of<'role member'>): void {
  const { database } = here(session);
  const found = findUser(database, role);
  if (found === undefined || found.type !== 'R' || sameName(role, 'public')) throw cannotFind('alter', 'role', role);
  const allowed =
    ownsDatabase(session, database) || (!found.fixed && hasDatabasePermission(session, database, 'ALTER ANY ROLE'));
  if (!allowed) throw cannotFind('alter', 'role', role);
  checkWritable(database);
  const who = findUser(database, member);
  if (who === undefined) throw cannotFind(adds ? 'find' : 'find', 'user', member);
  if (who.id === dboId) throw new SqlError(15405, "Cannot use the special principal 'dbo'.");
  if (adds && (who.id === found.id || rolesOf(database.members, found.id).has(who.id))) {
    throw new SqlError(15413, 'Cannot make a role a member of itself.');
  }
  const others = database.members.filter((each) => each.role !== found.id || each.member !== who.id);
  database.members = adds ? [...others, { role: found.id, member: who.id }] : others;
}

export function drop(session: Session, { what, name }: Of<'drop'>): void {
  if (what === 'LOGIN' || what === 'SERVER ROLE') {
    dropPrincipal(session, what, name);
    return;
  }
  const { database } = here(session);
  const right = what === 'USER' ? 'ALTER ANY USER' : 'ALTER ANY ROLE';
  const found = findUser(database, name);
  const isOfKind = found?.type === (what === 'USER' ? 'S' : 'R') && !found.fixed && found.id > 4;
  if (found === undefined || !isOfKind) throw cannotFind('drop', what.toLowerCase(), name);
  if (!hasDatabasePermission(session, database, right)) throw cannotFind('drop', what.toLowerCase(), name);
  checkWritable(database);
  if (database.things.some((thing) => thing.owner === found.id && thing.class === 3)) {
    throw new SqlError(15138, 'The database principal owns a schema in the database, and cannot be dropped.');
  }
  if (
    database.things.some((thing) => thing.owner === found.id) ||
    database.principals.some(({ owner, type }) => type === 'R' && owner === found.id)
  ) {
    throw new SqlError(15138, 'The database principal owns objects in the database and cannot be dropped.');
  }
  if (database.permissions.givenBy(new Set([found.id])).some(({ grantee }) => grantee !== found.id)) {
    throw new SqlError(
      15284,
      'The database principal has granted or denied permissions to objects in the database and cannot be dropped.',
    );
  }
  if (what === 'ROLE' && database.members.some(({ role }) => role === found.id)) {
    throw new SqlError(15144, 'The role has members. It must be empty before it can be dropped.');
  }
  database.principals = database.principals.filter(({ id }) => id !== found.id);
  database.members = database.members.filter(({ member }) => member !== found.id);
  database.permissions = database.permissions.without(
    (row) => row.grantee === found.id || (row.class === 4 && row.major === found.id),
  );
}

/** @throws SqlError Msg 3906 */
export function checkWritable({ name, readOnly }: DatabaseState): void {
  if (readOnly) throw new SqlError(3906, `Failed to update database "${name}" because the database is read-only.`);
}

/** Whether the session may do this as a member of a fixed role. */
export function isInSecurityRole(session: Session, database: DatabaseState): boolean {
  return ownsDatabase(session, database) || isInFixedRole(session, database, 'db_securityadmin');
}
