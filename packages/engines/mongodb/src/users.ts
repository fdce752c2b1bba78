import { quoted, RotationError } from '@keyturn/core';
import type { MongodbConnection } from './connection.ts';
import type { Document } from './messages.ts';

/** A role: its name, and the database in which it was made. */
export interface Role {
  readonly role: string;
  readonly db: string;
}

/** What the server keeps of a user, its credentials apart. */
export interface User {
  readonly user: string;
  readonly db: string;
  readonly roles: readonly Role[];
  /** Absent where the server tells none: Amazon DocumentDB. */
  readonly mechanisms: readonly string[] | undefined;
  readonly customData: Document | undefined;
  readonly authenticationRestrictions: readonly Document[];
}

/** What the server behind the connection is. */
export type ServerKind = 'mongodb' | 'documentdb';

/**
 * Reads users of one database, each by its name.
 * @returns those that exist
 * @throws RotationError `missing-privilege`, unless it is the user's own
 */
export async function readUsers(
  connection: MongodbConnection,
  db: string,
  names: readonly string[],
  kind: ServerKind,
): Promise<readonly User[]> {
  const command = {
    usersInfo: names.map((user) => ({ user, db })),
    ...(kind === 'mongodb' ? { showAuthenticationRestrictions: true } : {}),
  };
  const { users } = await connection.command(db, command, { exactValues: true });
  return listOf(users).map(parseUser);
}

function parseUser(document: Document): User {
  const { user, db, roles, mechanisms, customData, authenticationRestrictions } = document;
  return {
    user: String(user),
    db: String(db),
    roles: listOf(roles).map(({ role, db: of }) => ({ role: String(role), db: String(of) })),
    mechanisms: Array.isArray(mechanisms) ? mechanisms.map(String).sort() : undefined,
    customData: customData as Document | undefined,
    authenticationRestrictions: listOf(authenticationRestrictions),
  };
}

export function listOf(value: unknown): readonly Document[] {
  return Array.isArray(value) ? value : [];
}

/** The one user of this name in this database. @throws RotationError `invalid-secret` */
export function oneOf(users: readonly User[], name: string, db: string, { where }: MongodbConnection): User {
  const found = users.find(({ user }) => user === name);
  if (found !== undefined) return found;
  throw new RotationError('invalid-secret', {
    message: `the server knows no user of this name in the database ${quoted(db)}`,
    endpoint: where.endpoint,
    user: name,
    remedy: 'Create the user, or check username and dbname in the secret.',
  });
}

/** Where a user's database comes from. */
export interface UserPlace {
  readonly kind: ServerKind;
  /** @default - looked for in all databases */
  readonly userDatabase: string | undefined;
}

/**
 * The database of the user that a master is to change. The master's login does not tell it, and the same name
 * may be another person's in another database: so it is looked for in all of them, and must be in one.
 * @throws RotationError `invalid-secret` where there is none, or more than one; `missing-privilege`
 */
export async function databaseOf(
  connection: MongodbConnection,
  username: string,
  { kind, userDatabase }: UserPlace,
): Promise<string> {
  if (userDatabase !== undefined) return userDatabase;
  // Amazon DocumentDB keeps all users in one database.
  if (kind === 'documentdb') return 'admin';
  const users = await allNamed(connection, username);
  const { endpoint } = connection.where;
  const [first, second] = users;
  if (first === undefined) {
    throw new RotationError('invalid-secret', {
      message: 'the server knows no user of this name in any database',
      endpoint,
      user: username,
      remedy: 'Create the user, or check username in the secret.',
    });
  }
  if (second === undefined) return String(first.db);
  throw new RotationError('invalid-secret', {
    message: `users of this name are in several databases: ${users.map(({ db }) => quoted(String(db))).join(', ')}`,
    endpoint,
    user: username,
    remedy: 'Say whose password it is with the option userDatabase of the engine.',
  });
}

async function allNamed(connection: MongodbConnection, user: string): Promise<readonly Document[]> {
  try {
    const { users } = await connection.command('admin', { usersInfo: { forAllDBs: true }, filter: { user } });
    return listOf(users);
  } catch (error) {
    if (!(error instanceof RotationError) || error.code !== 'missing-privilege') throw error;
    const { username, database } = connection;
    throw new RotationError('missing-privilege', {
      ...error.details,
      message: 'the master may not see in which database the user is (viewUser on the cluster)',
      remedy: `Name the database with the option userDatabase of the engine, or run ${grantRole(username, database, { role: 'userAdminAnyDatabase', db: 'admin' })}.`,
    });
  }
}

/** The command, for the shell, that gives a user a role. Names are printed so that they break no line. */
export function grantRole(username: string, database: string, ...roles: readonly Role[]): string {
  const list = roles.map(({ role, db }) => `{ role: ${quoted(role)}, db: ${quoted(db)} }`).join(', ');
  return `db.getSiblingDB(${quoted(database)}).grantRolesToUser(${quoted(username)}, [${list}])`;
}
