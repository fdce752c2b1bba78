import { type Password, quoted, RotationError } from '@keyturn/core';
import type { MongodbConnection } from './connection.ts';
import { databaseOf, grantRole, oneOf, readUsers, type ServerKind, type User, type UserPlace } from './users.ts';

/** Gives the user that has logged in another password. @throws RotationError */
export async function setOwnPassword(connection: MongodbConnection, next: Password, kind: ServerKind): Promise<void> {
  const { username, database } = connection;
  const users = await readUsers(connection, database, [username], kind);
  const user = oneOf(users, username, database, connection);
  await setPassword(connection, user, next, ownRemedy(username, database));
}

/** Gives another user a password, as its administrator. @throws RotationError */
export async function setPasswordOf(
  connection: MongodbConnection,
  username: string,
  next: Password,
  place: UserPlace,
): Promise<void> {
  const database = await databaseOf(connection, username, place);
  const users = await readUsers(connection, database, [username], place.kind);
  const user = oneOf(users, username, database, connection);
  const remedy = `Run ${grantRole(connection.username, connection.database, { role: 'userAdmin', db: database })}.`;
  await setPassword(connection, user, next, remedy);
}

/**
 * Sets the password, and nothing else: without the mechanisms that the user has, the server would make
 * credentials for all that it knows, SCRAM-SHA-1 among them.
 */
async function setPassword(
  connection: MongodbConnection,
  { user, db, mechanisms }: User,
  next: Password,
  remedy: string,
): Promise<void> {
  const { endpoint } = connection.where;
  const known = scramOf(mechanisms);
  if (known?.length === 0) {
    throw new RotationError('auth-method-unsupported', {
      message: 'the user has no password: it authenticates by other means',
      endpoint,
      user,
      remedy: 'Give the user a password, or another authentication in place of the rotation.',
    });
  }
  const command = { updateUser: user, pwd: next.reveal(), ...(known === undefined ? {} : { mechanisms: known }) };
  await connection.change(db, command, ({ code, message }) => {
    if (code === 13) {
      const driverCode = 'Unauthorized';
      return new RotationError('missing-privilege', {
        message: `${quoted(connection.username)} may not change the password of ${quoted(user)}`,
        endpoint,
        user: connection.username,
        driverCode,
        remedy,
      });
    }
    // The one value that the server can find fault with is the password, unless it says otherwise.
    if (code !== 2 && code !== 9) return undefined;
    const driverCode = 'BadValue';
    return /mechanism/i.test(message)
      ? new RotationError('auth-method-unsupported', {
          message: 'the server does not offer a SCRAM mechanism that the user has',
          endpoint,
          user,
          driverCode,
          remedy: 'Turn the mechanism on (parameter authenticationMechanisms), or take it from the user.',
        })
      : new RotationError('password-refused', {
          message: 'the server does not take this password',
          endpoint,
          user,
          driverCode,
        });
  });
}

/** The mechanisms that have to do with a password; undefined where the server tells none. */
export function scramOf(mechanisms: readonly string[] | undefined): readonly string[] | undefined {
  return mechanisms?.filter((name) => name.startsWith('SCRAM-'));
}

/** What lets a user change its own password, as commands for the shell. */
function ownRemedy(username: string, database: string): string {
  const role = { role: 'changeOwnPassword', db: 'admin' };
  const privileges = '[{ resource: { db: "", collection: "" }, actions: ["changeOwnPassword"] }]';
  return `Run db.getSiblingDB("admin").runCommand({ createRole: "changeOwnPassword", privileges: ${privileges}, roles: [] }), once for the server, and ${grantRole(username, database, role)}; or let a master change it (PASSWORD_CHANGED_BY=master).`;
}
