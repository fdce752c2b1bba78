import type { Dialect, Document } from './double/context.ts';

/** Runs a command with every right. @throws where the server refuses it */
export type Run = (db: string, command: Document) => Promise<Document>;

/** Which server users are furnished on. */
export interface Furnishing {
  readonly run: Run;
  readonly kind: Dialect['kind'];
  /** What the names of the roles that are made end in: on somebody's own server, there may be others. */
  readonly mark: string;
}

const everywhere = { db: '', collection: '' };

interface Names {
  readonly own: string;
  readonly fromHere: string;
  readonly reporter: string;
}

const namesOf = (mark: string): Names => ({
  own: `changeOwnPassword${mark}`,
  fromHere: `from here${mark}`,
  reporter: `reporter${mark}`,
});

/** The role with which a user changes its own password. */
export const ownRole = (mark: string): { readonly role: string; readonly db: string } => ({
  role: namesOf(mark).own,
  db: 'admin',
});

/**
 * What users are given rights in; for the server's start.
 * @returns the roles that were made
 */
export async function makeFurnishings({
  run,
  kind,
  mark,
}: Furnishing): Promise<readonly { readonly role: string; readonly db: string }[]> {
  const { own, fromHere, reporter } = namesOf(mark);
  const inAdmin = (createRole: string, actions: readonly string[], rest: object = {}) =>
    run('admin', { createRole, privileges: [{ resource: everywhere, actions }], roles: [], ...rest });
  await inAdmin(own, ['changeOwnPassword']);
  if (kind === 'docdb') return [{ role: own, db: 'admin' }];
  await inAdmin(fromHere, ['listCollections'], { authenticationRestrictions: [{ clientSource: ['127.0.0.0/8'] }] });
  await run('app', {
    createRole: reporter,
    privileges: [{ resource: { db: 'app', collection: 'orders' }, actions: ['find'] }],
    roles: [{ role: 'read', db: 'archive' }],
  });
  return [
    { role: own, db: 'admin' },
    { role: fromHere, db: 'admin' },
    { role: reporter, db: 'app' },
  ];
}

/** Rights of every kind for a user; every other time, others. The user can change its password all the time. */
export async function furnish({ run, kind, mark }: Furnishing, db: string, username: string): Promise<void> {
  const { users } = await run(db, { usersInfo: [{ user: username, db }] });
  const [user] = users as { readonly roles: readonly { readonly role: string }[] }[];
  if (user === undefined) throw new Error(`there is no user ${username}`);
  const first = !user.roles.some(({ role }) => role === 'dbAdmin');
  const { fromHere, reporter } = namesOf(mark);
  const kept = ownRole(mark);
  if (kind === 'docdb') {
    const roles = first
      ? [kept, { role: 'dbAdmin', db: 'app' }, { role: 'readWrite', db: 'app' }]
      : [kept, { role: 'read', db: 'app' }, { role: 'clusterMonitor', db: 'admin' }];
    await run(db, { updateUser: username, roles });
    return;
  }
  const roles = first
    ? [kept, { role: 'dbAdmin', db: 'app' }, { role: reporter, db: 'app' }, { role: 'readAnyDatabase', db: 'admin' }]
    : [kept, { role: 'readWrite', db: 'app' }, { role: fromHere, db: 'admin' }, { role: 'userAdmin', db: 'archive' }];
  await run(db, {
    updateUser: username,
    roles,
    customData: first ? { team: 'orders', level: 3 } : { team: 'invoices', owners: ['a', 'b'] },
    authenticationRestrictions: first ? [{ clientSource: ['127.0.0.1', '::1'], serverAddress: ['127.0.0.0/8'] }] : [],
  });
}

/** A role of this name for the user. A database's name can hold none of what makes names hostile. */
export async function furnishNamed({ run }: Furnishing, db: string, username: string, name: string): Promise<number> {
  await run('app', {
    createRole: name,
    privileges: [{ resource: { db: 'app', collection: 'orders' }, actions: ['find'] }],
    roles: [],
  });
  await run(db, { grantRolesToUser: username, roles: [{ role: name, db: 'app' }] });
  return 1;
}
