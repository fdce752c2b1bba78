import { quoted, RotationError } from '@keyturn/core';
import type { MongodbConnection } from '../connection.ts';
import type { Document } from '../messages.ts';
import { grantRole, listOf, type Role } from '../users.ts';
import { type Differences, roleWords } from './differences.ts';

interface Privilege {
  readonly resource: Document;
  readonly actions: readonly unknown[];
}

/** What the master may do, as the server says. */
class MasterRights {
  readonly #privileges: readonly Privilege[];

  constructor(privileges: readonly Privilege[]) {
    this.#privileges = privileges;
  }

  /** Whether it may do this to the users and roles of a database. */
  may(action: string, db: string): boolean {
    return this.#privileges.some(
      ({ resource, actions }) =>
        (actions.includes(action) || actions.includes('anyAction')) &&
        (resource.anyResource === true || (resource.collection === '' && (resource.db === '' || resource.db === db))),
    );
  }
}

async function readMaster(connection: MongodbConnection): Promise<MasterRights> {
  const { authInfo } = await connection.command('admin', { connectionStatus: 1, showPrivileges: true });
  const { authenticatedUserPrivileges } = (authInfo ?? {}) as Document;
  return new MasterRights(
    listOf(authenticatedUserPrivileges).map(({ resource, actions }) => ({
      resource: (resource ?? {}) as Document,
      actions: Array.isArray(actions) ? actions : [],
    })),
  );
}

/**
 * Checks that the master may do all that settles these differences, before anything is changed.
 * @throws RotationError `missing-privilege`; `rights-not-cloneable`, naming each role
 */
export async function checkMaster(
  connection: MongodbConnection,
  { db, user, isNew }: { readonly db: string; readonly user: string; readonly isNew: boolean },
  differences: Differences,
): Promise<void> {
  const master = await readMaster(connection);
  const needed = [
    ...(isNew ? ['createUser'] : []),
    'changePassword',
    ...(!isNew && differences.customData !== undefined ? ['changeCustomData'] : []),
    ...(differences.authenticationRestrictions === undefined ? [] : ['setAuthenticationRestriction']),
  ];
  const missing = needed.filter((action) => !master.may(action, db));
  const { username, database, where } = connection;
  if (missing.length > 0) {
    throw new RotationError('missing-privilege', {
      message: `${quoted(username)} lacks ${missing.join(', ')} on the database ${quoted(db)}`,
      endpoint: where.endpoint,
      user: username,
      remedy: `Run ${grantRole(username, database, { role: 'userAdmin', db })}. Nothing has been changed.`,
    });
  }
  const [give, take] = [
    differences.rolesToGive.filter(({ db: of }) => !master.may('grantRole', of)),
    differences.rolesToTake.filter(({ db: of }) => !master.may('revokeRole', of)),
  ];
  if (give.length === 0 && take.length === 0) return;
  const named = [
    ...give.map((role) => `${quoted(username)} may not grant ${roleWords(role)}`),
    ...take.map((role) => `${quoted(username)} may not revoke ${roleWords(role)}`),
  ];
  throw new RotationError('rights-not-cloneable', {
    message: `the two users cannot be made equal: ${listed(named)}`,
    endpoint: where.endpoint,
    user,
    remedy: `Run ${grantRole(username, database, ...administrators([...give, ...take]))}. Nothing has been changed.`,
  });
}

/** So many a message names; the rest it counts. */
const mostNamed = 20;

function listed(lines: readonly string[]): string {
  const more = lines.length > mostNamed ? [`and ${lines.length - mostNamed} more`] : [];
  return [...lines.slice(0, mostNamed), ...more].join('; ');
}

/** What lets the master hand these roles on: the roles of one database are handed on by its userAdmin. */
function administrators(roles: readonly Role[]): readonly Role[] {
  const databases = [...new Set(roles.map(({ db }) => db))].slice(0, mostNamed);
  return databases.map((db) => ({ role: 'userAdmin', db }));
}
